/** The environment variables of the functions on this machine: what the infrastructure sets where there is one. */
import type { Lane } from '../../functions/core/caller/caller.ts';
import { type CentreName, centreNames, otherCentre } from '../../functions/core/propagation/event.ts';
import type { ShardMap } from '../../functions/core/sharding/sharding.ts';
import type { VariableName, variablesOfSome } from '../../functions/runtime/env.ts';
import type { Engines } from './engines.ts';
import { DATABASE_NAMES, FIRST_WRITER, type PartName } from './ports.ts';

export const shardMap: ShardMap = {
  version: 1,
  ranges: [
    { first: 0, last: 511, cluster: 'c0' },
    { first: 512, last: 1023, cluster: 'c1' },
  ],
  exceptions: {},
};

export const databaseClusters = ['c0', 'c1'] as const;

export const regions = { A: 'ap-southeast-1', B: 'ap-northeast-1', witness: 'ap-northeast-2' } as const;

/** Nobody checks them here, but the clients do not send a request without. */
export const localCredentials = { accessKeyId: 'local', secretAccessKey: 'local' } as const;

export const witnessTable = 'membership-epoch-register';
export const queueName = 'membership-changes';

export const topologyParameter = (centre: CentreName): string => `/membership/${centre}/topology`;
export const callersParameter = (centre: CentreName): string => `/membership/${centre}/callers`;

/** Each search cluster, and the centre whose queue feeds it. */
export const searchClusters = {
  primary: { part: 'search-primary', centre: 'A' },
  backup: { part: 'search-backup', centre: 'B' },
  marketing: { part: 'search-marketing', centre: 'A' },
} as const satisfies Record<string, { part: PartName; centre: CentreName }>;

export const cacheParts = {
  A: ['redis-a-0', 'redis-a-1'],
  B: ['redis-b-0', 'redis-b-1'],
} as const satisfies Record<CentreName, readonly PartName[]>;

export const awsParts = { A: 'aws-a', B: 'aws-b' } as const satisfies Record<CentreName, PartName>;

type Located = Pick<Engines, 'endpoints' | 'secrets'>;

export function variablesOf(request: {
  readonly engines: Located;
  readonly centre: CentreName;
  readonly lane: Lane;
  readonly keyring: string;
  readonly queueUrls: Readonly<Record<CentreName, string>>;
}): Record<
  Exclude<VariableName, (typeof variablesOfSome)[number]> | 'AWS_ACCESS_KEY_ID' | 'AWS_SECRET_ACCESS_KEY',
  string
> {
  const { engines, centre, lane, keyring, queueUrls } = request;
  const { endpoints, secrets } = engines;
  const databases = Object.fromEntries(
    databaseClusters.map((cluster) => [
      cluster,
      {
        writers: { A: databaseAddress(endpoints[FIRST_WRITER]) },
        replicas: Object.fromEntries(
          centreNames.map((at) => [
            at,
            Object.fromEntries(DATABASE_NAMES[at].map((part) => [part, databaseAddress(endpoints[part])])),
          ]),
        ),
      },
    ]),
  );
  return {
    CENTRE: centre,
    LANE: lane,
    PLATFORMS: '["tongcheng-app","elong-app","tongcheng-mini-program","elong-mini-program"]',
    SHARD_MAP: JSON.stringify(shardMap),
    DATABASES: JSON.stringify(databases),
    DATABASE_USER: secrets.databaseUser,
    DATABASE_PASSWORD: secrets.databasePassword,
    JOURNALS: JSON.stringify({
      A: databaseAddress(endpoints['journal-a']),
      B: databaseAddress(endpoints['journal-b']),
    }),
    CACHES: JSON.stringify(
      Object.fromEntries(
        centreNames.map((name) => [
          name,
          Object.fromEntries(cacheParts[name].map((part) => [part, endpoints[part]])),
        ]),
      ),
    ),
    SEARCH: JSON.stringify(
      Object.fromEntries(
        Object.entries(searchClusters).map(([name, { part, centre: fedFrom }]) => [
          name,
          { url: endpoints[part], centre: fedFrom },
        ]),
      ),
    ),
    QUEUES: JSON.stringify(
      Object.fromEntries(
        centreNames.map((name) => [
          name,
          { url: queueUrls[name], region: regions[name], endpoint: endpoints[awsParts[name]] },
        ]),
      ),
    ),
    WITNESS: JSON.stringify({
      region: regions.witness,
      table: witnessTable,
      endpoint: endpoints['aws-witness'],
    }),
    PARAMETERS: JSON.stringify({ region: regions[centre], endpoint: endpoints[awsParts[centre]] }),
    TOPOLOGY_PARAMETER: topologyParameter(centre),
    OTHER_PARAMETERS: JSON.stringify({
      region: regions[otherCentre(centre)],
      endpoint: endpoints[awsParts[otherCentre(centre)]],
      topology: topologyParameter(otherCentre(centre)),
    }),
    CALLERS_PARAMETER: callersParameter(centre),
    KEYRING: keyring,
    AWS_ACCESS_KEY_ID: localCredentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: localCredentials.secretAccessKey,
  };
}

/** `host:port`, with the user in front when the address brings one of its own. */
function databaseAddress(url: string): string {
  const { username, password, hostname, port } = new URL(url);
  return `${username ? `${username}:${password}@` : ''}${hostname}:${port || '3306'}`;
}
