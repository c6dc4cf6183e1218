import { RemovalPolicy } from 'aws-cdk-lib';
import { CfnDBCluster, CfnDBInstance } from 'aws-cdk-lib/aws-rds';
import { Construct } from 'constructs';
import { accept } from './accept.ts';

export const engine = 'aurora-mysql';

export interface AuroraClusterProps {
  readonly identifier: string;
  readonly engineVersion: string;
  readonly instanceClass: string;
  readonly servers: number;
  readonly zones: readonly string[];
  /** The global cluster that it is a part of. */
  readonly globalCluster?: string;
  /** Who may do everything. A secondary of a global cluster has the primary's. */
  readonly admin?: { readonly username: string; readonly password: string };
  readonly subnetGroup: string;
  readonly securityGroupId: string;
  readonly clusterParameterGroup: string;
  readonly instanceParameterGroup: string;
  readonly keyArn: string;
  readonly backupDays: number;
  readonly keepsData: boolean;
}

/** An Aurora MySQL cluster of so many servers, one after the other over the zones. Its first is the likeliest writer. */
export class AuroraCluster extends Construct {
  readonly cluster: CfnDBCluster;
  readonly servers: readonly CfnDBInstance[];

  constructor(scope: Construct, id: string, props: AuroraClusterProps) {
    super(scope, id);
    const removal = props.keepsData ? RemovalPolicy.SNAPSHOT : RemovalPolicy.DESTROY;
    this.cluster = new CfnDBCluster(this, 'Cluster', {
      engine,
      engineVersion: props.engineVersion,
      dbClusterIdentifier: props.identifier,
      ...(props.globalCluster !== undefined && {
        globalClusterIdentifier: props.globalCluster,
        // A replica that forwarded writes would write for whoever takes it for a writer.
        enableGlobalWriteForwarding: false,
      }),
      ...(props.admin && {
        masterUsername: props.admin.username,
        masterUserPassword: props.admin.password,
      }),
      dbSubnetGroupName: props.subnetGroup,
      vpcSecurityGroupIds: [props.securityGroupId],
      dbClusterParameterGroupName: props.clusterParameterGroup,
      storageEncrypted: true,
      kmsKeyId: props.keyArn,
      backupRetentionPeriod: props.backupDays,
      copyTagsToSnapshot: true,
      deletionProtection: props.keepsData,
      enableCloudwatchLogsExports: ['audit', 'error', 'slowquery'],
    });
    this.cluster.applyRemovalPolicy(removal);
    this.servers = Array.from({ length: props.servers }, (_, index) => {
      const server = new CfnDBInstance(this, `Server-${index}`, {
        engine,
        dbClusterIdentifier: this.cluster.ref,
        dbInstanceIdentifier: `${props.identifier}-${index}`,
        dbInstanceClass: props.instanceClass,
        dbParameterGroupName: props.instanceParameterGroup,
        availabilityZone: props.zones[index % props.zones.length] as string,
        promotionTier: index,
        publiclyAccessible: false,
        // Versions are a setting of the stage, tried in another stage first.
        autoMinorVersionUpgrade: false,
        enablePerformanceInsights: true,
        performanceInsightsKmsKeyId: props.keyArn,
      });
      server.applyRemovalPolicy(RemovalPolicy.DESTROY);
      return server;
    });
    accept(this.cluster, {
      RDS6: 'Passwords from Secrets Manager, rotated: a token for each connection would hold a busy minute to 200 a second.',
      RDS11: 'The port is no secret: nothing but the functions of both centres has a way to it.',
      RDS14: 'A global database has no backtrack; point-in-time recovery is there.',
      ...(!props.keepsData && { RDS10: 'This stage keeps nothing: its data goes with it.' }),
      RDS16: 'All logs but the general one, which would hold every statement of every caller.',
    });
  }
}
