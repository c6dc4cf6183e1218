/**
 * Gives the engines what the functions expect to find: queues, parameters, search indexes, the witness's register. What
 * stands is left alone, or written again the same: a start that was broken off is simply repeated.
 */
import { hashCallerKey } from '../../functions/adapters/crypto/hashers.ts';
import { prepareEpochRegister } from '../../functions/adapters/dynamodb/prepare-register.ts';
import { prepareSearch } from '../../functions/adapters/opensearch/prepare-search.ts';
import { makeRegistryStore } from '../../functions/adapters/parameters/registry-store.ts';
import { writeTopology } from '../../functions/adapters/parameters/topology-store.ts';
import { makeRedisCacheCluster } from '../../functions/adapters/redis/redis-cache-cluster.ts';
import { prepareQueue } from '../../functions/adapters/sqs/prepare-queue.ts';
import { makeSystemClock } from '../../functions/adapters/system/system-clock.ts';
import type { Registration } from '../../functions/core/caller/registration.ts';
import { firstEpoch } from '../../functions/core/failover/epoch.ts';
import { firstTopology, type Topology } from '../../functions/core/failover/topology.ts';
import { deadlineAfter } from '../../functions/core/kernel/clock.ts';
import { type CentreName, cacheKeyOfMember, centreNames } from '../../functions/core/propagation/event.ts';
import type { Engines } from './engines.ts';
import {
  awsParts,
  cacheParts,
  callersParameter,
  databaseClusters,
  localCredentials,
  queueName,
  regions,
  searchClusters,
  shardMap,
  topologyParameter,
  witnessTable,
} from './function-variables.ts';
import { pollUntil } from './polling.ts';
import { FIRST_WRITER } from './ports.ts';
import type { ServiceSecrets } from './service-secrets.ts';

const provisionWithinMs = 60_000;
const callWithinMs = 2_000;
/** Above what a batch may take, so that no message is given out again while it is worked on. */
const visibilitySeconds = 60;
const receptionsMax = 5;

type Located = Pick<Engines, 'endpoints'>;

/** @returns the addresses of the queues */
export async function provision(
  engines: Located,
  secrets: ServiceSecrets,
): Promise<Record<CentreName, string>> {
  const { endpoints } = engines;
  const clock = makeSystemClock();
  const deadline = deadlineAfter(clock, provisionWithinMs);
  const shared = { credentials: localCredentials, clock, deadline };
  const atCentre = (centre: CentreName) => ({
    ...shared,
    region: regions[centre],
    endpoint: endpoints[awsParts[centre]],
    name: awsParts[centre],
  });

  const prepareCentre = async (centre: CentreName): Promise<[CentreName, string]> => {
    const at = atCentre(centre);
    const topology: Topology = {
      ...firstTopology(centre, shardMap.version),
      writers: Object.fromEntries(databaseClusters.map((cluster) => [cluster, FIRST_WRITER])),
    };
    const [{ queueUrl }] = await Promise.all([
      prepareQueue({ ...at, queueName, visibilitySeconds, receptionsMax }),
      writeTopology({ ...at, parameterName: topologyParameter(centre), topology }),
      // Joined with what operators made of them since.
      makeRegistryStore({ ...at, parameterName: callersParameter(centre) }).join(
        callersOf(secrets),
        deadline,
      ),
    ]);
    return [centre, queueUrl];
  };

  const [queues] = await Promise.all([
    Promise.all(centreNames.map(prepareCentre)),
    prepareEpochRegister({
      ...shared,
      name: 'witness',
      region: regions.witness,
      endpoint: endpoints['aws-witness'],
      tableName: witnessTable,
      first: firstEpoch,
    }),
    ...Object.entries(searchClusters).map(([name, { part }]) =>
      prepareSearch({
        name,
        url: endpoints[part],
        epoch: firstEpoch.epoch,
        shards: 1,
        replicas: 0,
        clock,
        deadline,
      }),
    ),
  ]);
  return Object.fromEntries(queues) as Record<CentreName, string>;
}

function callersOf({ callerKeys }: ServiceSecrets): Registration[] {
  const registered = (
    name: keyof ServiceSecrets['callerKeys'],
    about: Partial<Registration>,
  ): Registration => ({
    name,
    owner: name,
    team: name,
    purpose: 'finds and changes members on the order path',
    lane: 'critical',
    operations: ['read', 'write'],
    ratePerSecond: 1_000,
    generation: 1,
    disabledSinceMs: null,
    keys: [{ hash: hashCallerKey(callerKeys[name]), sinceMs: 0 }],
    dropped: [],
    ...about,
  });
  return [
    registered('orders', {}),
    registered('campaigns', {
      purpose: 'finds members for campaigns',
      lane: 'marketing',
      operations: ['read'],
      ratePerSecond: 100,
    }),
    registered('observer', {
      owner: 'membership',
      team: 'membership',
      purpose: 'reads written members back',
      operations: ['read'],
      // Of a sampled write it asks twice in each centre, four times: what is refused it cannot judge.
      ratePerSecond: 200,
    }),
  ];
}

/**
 * Waits until every Redis is ready and holds the grant of every database cluster: then the relays run, the leases to
 * write stand, and answers are fresh. False when that takes too long.
 */
export async function awaitGrants({ endpoints }: Located, withinMs: number): Promise<boolean> {
  const clock = makeSystemClock();
  const caches = centreNames
    .flatMap((centre) => cacheParts[centre])
    .map((name) => makeRedisCacheCluster({ name, url: endpoints[name] }, clock));
  const isGranted = async (cache: (typeof caches)[number]): Promise<boolean> => {
    const deadline = deadlineAfter(clock, callWithinMs);
    const { kind } = await cache.readiness(deadline);
    const { grants } = await cache.read(cacheKeyOfMember('grants'), databaseClusters, deadline);
    return kind === 'ready' && grants.length === databaseClusters.length;
  };
  try {
    const areGranted = async () => (await Promise.all(caches.map(isGranted))).every(Boolean);
    return await pollUntil(areGranted, { deadlineMs: withinMs });
  } finally {
    for (const cache of caches) cache.close();
  }
}
