import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnDBProxy, CfnDBProxyTargetGroup } from 'aws-cdk-lib/aws-rds';
import { Construct } from 'constructs';
import type { AuroraCluster } from './aurora-cluster.ts';

export interface WriterProxyProps {
  readonly name: string;
  readonly cluster: AuroraCluster;
  readonly subnetIds: readonly string[];
  readonly securityGroupId: string;
  /** One for each user that may come through it. */
  readonly secretArns: readonly string[];
  readonly useOfKey: PolicyStatement;
  readonly connectionsPercentMax: number;
}

/** Longer than a function waits for a connection: what is refused is refused by its deadline, not by the proxy. */
const borrowSeconds = 5;

/**
 * RDS Proxy before a cluster's writer: thousands of execution environments share the few connections that a server has,
 * and find the writer again after a failover within the cluster. In a secondary of a global cluster it refuses writes,
 * until that is promoted: it has no writer.
 *
 * Sessions set only what the proxy tracks, and no statement is prepared: nothing pins a connection.
 */
export class WriterProxy extends Construct {
  readonly endpoint: string;

  constructor(scope: Construct, id: string, props: WriterProxyProps) {
    super(scope, id);
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('rds.amazonaws.com') });
    role.addToPolicy(
      new PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: [...props.secretArns] }),
    );
    role.addToPolicy(props.useOfKey);
    const proxy = new CfnDBProxy(this, 'Proxy', {
      dbProxyName: props.name,
      engineFamily: 'MYSQL',
      requireTls: true,
      debugLogging: false,
      idleClientTimeout: 1_800,
      roleArn: role.roleArn,
      auth: props.secretArns.map((secretArn) => ({
        authScheme: 'SECRETS',
        secretArn,
        iamAuth: 'DISABLED',
        clientPasswordAuthType: 'MYSQL_CACHING_SHA2_PASSWORD',
      })),
      vpcSubnetIds: [...props.subnetIds],
      vpcSecurityGroupIds: [props.securityGroupId],
    });
    proxy.node.addDependency(role);
    const targets = new CfnDBProxyTargetGroup(this, 'Targets', {
      dbProxyName: proxy.ref,
      targetGroupName: 'default',
      dbClusterIdentifiers: [props.cluster.cluster.ref],
      connectionPoolConfigurationInfo: {
        maxConnectionsPercent: props.connectionsPercentMax,
        maxIdleConnectionsPercent: Math.ceil(props.connectionsPercentMax / 2),
        connectionBorrowTimeout: borrowSeconds,
      },
    });
    for (const server of props.cluster.servers) targets.node.addDependency(server);
    this.endpoint = proxy.attrEndpoint;
  }
}
