/** The stand-in for AWS that stacks are deployed to: all regions at one address, all data on this machine's engines. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { centreNames } from '../../functions/core/propagation/event.ts';
import { type StageSettings, stages } from '../../infra/centre.ts';
import { parameterName, secretName } from '../../infra/names.ts';
import type { Engines, PartName } from '../local/engines.ts';
import { REPLICA_NAMES } from '../local/ports.ts';

export const launcher = fileURLToPath(new URL('./stand-in.py', import.meta.url));
const unprovenPath = fileURLToPath(new URL('./unproven.json', import.meta.url));

/** The resource types that the stand-in rejects: recorded there, and proven by no deployment. */
export const unprovenTypes = Object.keys(JSON.parse(readFileSync(unprovenPath, 'utf8')) as object);

/** What the launcher takes the place of: see `stand-in.py`. */
interface Given {
  readonly attributes: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, string>>>>>>;
  readonly parameters: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
}

type Located = Pick<Engines, 'endpoints' | 'secrets'>;

/** The environment of the stand-in's launcher. */
export function standInVariables(engines: Located): Record<string, string> {
  return { STAND_IN: JSON.stringify(givenFor(engines, stages.local)), STAND_IN_UNPROVEN: unprovenPath };
}

function givenFor({ endpoints, secrets }: Located, settings: StageSettings): Given {
  const clusters = ['c0', 'c1'];
  const hostOf = (part: PartName): string => new URL(endpoints[part]).host;
  const endpoint = (part: PartName) => {
    const { hostname, port } = new URL(endpoints[part]);
    return { 'Endpoint.Address': hostname, 'Endpoint.Port': port };
  };
  const parameters = Object.fromEntries([
    ...clusters.flatMap((cluster) => [
      ...centreNames.map((centre) => [
        parameterName(settings, centre, `database/${cluster}/writer`),
        hostOf('mysql-a'),
      ]),
      [parameterName(settings, 'A', `database/${cluster}/servers/0`), hostOf('mysql-a')],
      ...REPLICA_NAMES.map((part, index) => [
        parameterName(settings, 'B', `database/${cluster}/replicas/r${index}`),
        hostOf(part),
      ]),
    ]),
    ...centreNames.flatMap((centre) => {
      const name = centre.toLowerCase() as 'a' | 'b';
      return [
        [parameterName(settings, centre, 'database/journal'), hostOf(`journal-${name}`)],
        [parameterName(settings, centre, 'database/journal/servers/0'), hostOf(`journal-${name}`)],
        ...([0, 1] as const).map((index) => [
          parameterName(settings, centre, `cache/redis-${name}-${index}/url`),
          endpoints[`redis-${name}-${index}`],
        ]),
      ];
    }),
    ...(['primary', 'backup', 'marketing'] as const).map((name) => [
      parameterName(settings, settings.search[name].centre, `search/${name}/url`),
      endpoints[`search-${name}`],
    ]),
  ] as [string, string][]);
  const { stage } = settings;
  return {
    attributes: {
      'AWS::RDS::DBInstance': Object.fromEntries([
        ...clusters.flatMap((cluster) => [
          [`membership-${stage}-${cluster}-a-0`, endpoint('mysql-a')],
          ...REPLICA_NAMES.map((part, index) => [
            `membership-${stage}-${cluster}-b-${index}`,
            endpoint(part),
          ]),
        ]),
        [`membership-${stage}-journal-a-0`, endpoint('journal-a')],
        [`membership-${stage}-journal-b-0`, endpoint('journal-b')],
      ]),
      'AWS::OpenSearchService::Domain': Object.fromEntries(
        (['primary', 'backup', 'marketing'] as const).map((name) => [
          `member-${stage}-${name}`,
          { DomainEndpoint: hostOf(`search-${name}`) },
        ]),
      ),
      'AWS::RDS::DBCluster': Object.fromEntries([
        ...clusters.flatMap((cluster) => [
          [`membership-${stage}-${cluster}-a`, endpoint('mysql-a')],
          [`membership-${stage}-${cluster}-b`, endpoint('mysql-b-0')],
        ]),
        [`membership-${stage}-journal-a`, endpoint('journal-a')],
        [`membership-${stage}-journal-b`, endpoint('journal-b')],
      ]),
    },
    parameters,
    secrets: {
      [secretName(settings, 'database-admin')]: JSON.stringify({
        username: secrets.adminUser,
        password: secrets.adminPassword,
      }),
    },
  };
}
