import { CustomResource, type Stack } from 'aws-cdk-lib';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { type PlaceName, placeNames, type StageSettings } from '../centre.ts';
import { parameterName } from '../names.ts';
import { makeReplicator, replicatorTimeout } from './replicator.ts';

/**
 * What a stack tells the others: parameters in its own region, and copies of them, under the same names, in those of the
 * other places. Whoever needs one reads it by {@link published} when it is deployed; nothing refers to anything here,
 * so that every stack can be changed, and go, by itself.
 *
 * A place that cannot be reached loses nobody a copy: each region has all of them.
 */
export function publish(
  stack: Stack,
  settings: StageSettings,
  place: PlaceName,
  values: Readonly<Record<string, string>>,
): void {
  const byName = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [parameterName(settings, place, name), value]),
  );
  for (const [parameter, value] of Object.entries(byName)) {
    new StringParameter(stack, `Published ${parameter}`, { parameterName: parameter, stringValue: value });
  }
  const regions = placeNames
    .filter((other) => other !== place)
    .map((other) => settings.places[other].region)
    .filter((region) => region !== settings.places[place].region);
  new CustomResource(stack, 'Copies', {
    resourceType: 'Custom::CopiesOfParameters',
    serviceToken: makeReplicator(stack, settings, place, regions).functionArn,
    serviceTimeout: replicatorTimeout,
    properties: { regions: [...new Set(regions)], parameters: byName },
  });
}

/** What `place` published, as it stands when the stack of `scope` is deployed: in any place's region. */
export const published = (
  scope: Construct,
  settings: StageSettings,
  place: PlaceName,
  name: string,
): string => StringParameter.valueForStringParameter(scope, parameterName(settings, place, name));
