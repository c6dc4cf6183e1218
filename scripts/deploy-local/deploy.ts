/** Deploys the stage `local`, and says where it is. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { placeNames, stages } from '../../infra/centre.ts';
import { LocalFailure } from '../local/failure.ts';
import { deployAll } from './cdk-commands.ts';
import { type Deployed, describeDeployed, findDeployed } from './deployed.ts';
import { ensureHeld } from './holder.ts';
import type { Place } from './place.ts';
import { unprovenTypes } from './stand-in.ts';

export async function deploy(
  place: Place,
  holderCommand: readonly string[],
  say: (line: string) => void,
): Promise<Deployed> {
  const own = process.env.AWS_ENDPOINT_URL;
  const endpoint = own ?? (await ensureHeld(place, holderCommand, say)).endpoint;
  if (new URL(endpoint).hostname.endsWith('amazonaws.com'))
    throw new LocalFailure('AWS_ENDPOINT_URL is AWS itself. The stage "local" is for stand-ins.');
  const regions = placeNames.map((name) => stages.local.places[name].region);
  const { assembly } = await deployAll({ directory: place.directory, endpoint, regions, say });
  const found = unprovenIn(assembly);
  if (own === undefined && found.length > 0) {
    say('\nUnproven: the stand-in does not know these types, and only keeps a record of them:');
    for (const [type, count] of found) say(`  ${String(count).padStart(4)}  ${type}`);
  }
  const deployed = await findDeployed(place, endpoint);
  say(describeDeployed(deployed));
  return deployed;
}

interface Resource {
  readonly Type: string;
  readonly Properties?: { readonly Metrics?: unknown };
}

/** Of alarms only those of several metrics. */
const isUnproven = ({ Type, Properties }: Resource): boolean =>
  Type !== 'AWS::CloudWatch::Alarm' || Properties?.Metrics !== undefined;

/** How many resources of each such type were deployed. */
function unprovenIn(assembly: string): readonly (readonly [string, number])[] {
  const { artifacts } = JSON.parse(readFileSync(join(assembly, 'manifest.json'), 'utf8')) as {
    artifacts: Record<string, { type: string; properties?: { templateFile?: string } }>;
  };
  const types = Object.values(artifacts)
    .flatMap(({ properties }) => properties?.templateFile ?? [])
    .filter((file) => file.endsWith('.template.json'))
    .flatMap((file) => {
      const template = JSON.parse(readFileSync(join(assembly, file), 'utf8')) as {
        Resources?: Record<string, Resource>;
      };
      return Object.values(template.Resources ?? {})
        .filter(isUnproven)
        .map(({ Type }) => Type);
    });
  return unprovenTypes
    .map((type) => [type, types.filter((each) => each === type).length] as const)
    .filter(([, count]) => count > 0);
}
