import { ArnFormat, Duration, type Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { PlaceName, StageSettings } from '../centre.ts';
import { parameterName } from '../names.ts';
import { acceptWildcards } from './accept.ts';
import { DeployFunction } from './deploy-function.ts';

export const replicatorTimeout = Duration.minutes(2);

/** The function that keeps copies of a place's parameters in other regions: it may write below that place's path alone. */
export function makeReplicator(
  stack: Stack,
  settings: StageSettings,
  place: PlaceName,
  regions: readonly string[],
): DeployFunction {
  const made = new DeployFunction(stack, 'Replicator', {
    settings,
    entry: 'replicate-parameters',
    description: `Keeps copies of what ${stack.stackName} publishes in the other regions.`,
    timeout: replicatorTimeout,
  });
  const resources = [...new Set(regions)].map((region) =>
    stack.formatArn({
      service: 'ssm',
      region,
      resource: 'parameter',
      resourceName: parameterName(settings, place, '*').slice(1),
      arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
    }),
  );
  made.function.addToRolePolicy(
    new PolicyStatement({ actions: ['ssm:PutParameter', 'ssm:DeleteParameters'], resources }),
  );
  acceptWildcards(
    made,
    resources,
    "The copies of a place's parameters: it writes below that place's path, and there alone.",
  );
  return made;
}
