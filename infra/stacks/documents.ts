import { CustomResource, Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { ParameterTier, StringParameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { firstTopology } from '../../functions/core/failover/topology.ts';
import type { CentreName } from '../../functions/core/propagation/event.ts';
import type { StageSettings } from '../centre.ts';
import { DeployFunction } from '../constructs/deploy-function.ts';
import { shardMapParameter, stackName, topologyParameter } from '../names.ts';
import { placeOf } from './keys.ts';

/** What a parameter holds: the larger kind, which Parameter Store takes by itself above 4 KB. */
export const documentBytesMax = 8 * 1024;

/** @throws when it is more than a parameter holds */
export function documentText(name: string, document: object): string {
  const text = JSON.stringify(document);
  const bytes = Buffer.byteLength(text);
  if (bytes > documentBytesMax)
    throw new Error(`${name} has ${bytes} bytes; a parameter holds ${documentBytesMax}`);
  return text;
}

/**
 * The documents of a centre: its topology, and the shard map (ranges, and the slots that have moved elsewhere). Nothing in
 * the other centre is needed to read them.
 */
export class DocumentsStack extends Stack {
  constructor(scope: Construct, settings: StageSettings, centre: CentreName) {
    super(scope, stackName(settings, 'documents', centre), placeOf(settings, centre));
    const shardMap = shardMapParameter(settings, centre);
    new StringParameter(this, 'ShardMap', {
      parameterName: shardMap,
      stringValue: documentText(shardMap, settings.database.shardMap),
      tier: ParameterTier.INTELLIGENT_TIERING,
    });
    const topology = topologyParameter(settings, centre);
    const writer = new DeployFunction(this, 'Writer', {
      settings,
      entry: 'prepare-topology',
      description: "Writes the centre's first topology, unless a newer one stands.",
      timeout: Duration.minutes(1),
    });
    writer.function.addToRolePolicy(
      new PolicyStatement({
        actions: ['ssm:GetParameter', 'ssm:PutParameter'],
        resources: [
          this.formatArn({ service: 'ssm', resource: 'parameter', resourceName: topology.slice(1) }),
        ],
      }),
    );
    new CustomResource(this, 'FirstTopology', {
      resourceType: 'Custom::FirstTopology',
      serviceToken: writer.functionArn,
      serviceTimeout: Duration.minutes(2),
      properties: {
        region: this.region,
        parameter: topology,
        // What a centre begins with. Promotions and operators write newer ones, which no deployment replaces.
        topology: documentText(topology, firstTopology(centre, settings.database.shardMap.version)),
      },
    });
  }
}
