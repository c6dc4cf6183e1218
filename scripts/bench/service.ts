/**
 * What the bench measures: engines of its own, prepared as a copy's are, and the service's parts as the functions'
 * composition makes them. No relay runs: leases to write and grants are given for long, by hand.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { createConnection } from 'mysql2/promise';
import { hashCallerKey } from '../../functions/adapters/crypto/hashers.ts';
import { connectionOptions } from '../../functions/adapters/mysql/database.ts';
import { controlSchema } from '../../functions/adapters/mysql/schema/names.ts';
import { prepareSearch } from '../../functions/adapters/opensearch/prepare-search.ts';
import { makeRegistryStore } from '../../functions/adapters/parameters/registry-store.ts';
import { writeTopology } from '../../functions/adapters/parameters/topology-store.ts';
import { makeRedisCacheCluster } from '../../functions/adapters/redis/redis-cache-cluster.ts';
import { prepareQueue } from '../../functions/adapters/sqs/prepare-queue.ts';
import { makeSystemClock } from '../../functions/adapters/system/system-clock.ts';
import type { Registration } from '../../functions/core/caller/registration.ts';
import { firstEpoch } from '../../functions/core/failover/epoch.ts';
import { firstTopology } from '../../functions/core/failover/topology.ts';
import { deadlineAfter } from '../../functions/core/kernel/clock.ts';
import type { CentreName } from '../../functions/core/propagation/event.ts';
import { makeOperatorParts } from '../../functions/runtime/composition/operator.ts';
import { readSettings } from '../../functions/runtime/env.ts';
import { ownPlace } from '../../test/own-place.ts';
import { reset } from '../local/commands.ts';
import { databasePreparations } from '../local/database-preparation.ts';
import { localEndpoint } from '../local/endpoints.ts';
import { type Engines, startEngines } from '../local/engines.ts';
import {
  awsParts,
  cacheParts,
  callersParameter,
  databaseClusters,
  localCredentials,
  queueName,
  regions,
  topologyParameter,
  variablesOf,
} from '../local/function-variables.ts';
import { PART_NAMES, type PartName } from '../local/ports.ts';
import { ensureServiceSecrets } from '../local/service-secrets.ts';
import { openRedis } from './libraries.ts';

/** Replicas and the other search clusters take no part in any request that is measured. */
const parts: PartName[] = [
  'mysql-a',
  'journal-b',
  'redis-a-0',
  'redis-a-1',
  'redis-b-0',
  'redis-b-1',
  'search-primary',
  'aws-a',
  'aws-b',
];

const hourMs = 3_600_000;
const preparationMs = 60_000;
const both = ['A', 'B'] as const;

export type OperatorParts = ReturnType<typeof makeOperatorParts>;

export interface Service {
  readonly urls: { readonly redis: string; readonly search: string };
  /** The environment of centre A's functions. */
  readonly variables: Readonly<Record<string, string>>;
  /** The key of a caller on the critical lane. */
  readonly callerKey: string;
  /** Centre A's parts, as its functions would make them. */
  readonly own: OperatorParts;
  /** For files that only this run needs. */
  readonly directory: string;
  /** The first Redis of centre A, by a client of one's own. */
  openRedis(): Redis;
  /** The writer, for someone who may do everything there. */
  openDatabase(): ReturnType<typeof createConnection>;
  databaseAddress(): { host: string; port: number; user: string; password: string };
  stop(): Promise<void>;
}

export async function startService(onProgress: (line: string) => void): Promise<Service> {
  const { basePort, directory } = ownPlace('bench', 5700);
  const silently = () => {};
  await reset(directory, silently);
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  const engines = await startEngines({ directory, basePort, parts, ...databasePreparations, onProgress });
  const clear = async (): Promise<void> => {
    await engines.stop();
    await reset(directory, silently);
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    const secrets = ensureServiceSecrets(directory);
    const { queueUrls } = await provision(engines, secrets.callerKeys.orders);
    const endpoints = Object.fromEntries(
      PART_NAMES.map((part) => [part, engines.endpoints[part] ?? localEndpoint(part, basePort)]),
    ) as Record<PartName, string>;
    const located = { engines: { ...engines, endpoints }, keyring: secrets.keyring, queueUrls };
    const variables = variablesOf({ ...located, centre: 'A', lane: 'critical' });
    const databaseAddress = () => {
      const { hostname, port, username, password } = new URL(engines.adminUrl('mysql-a'));
      return { host: hostname, port: Number(port), user: username, password };
    };
    process.env.AWS_ACCESS_KEY_ID = localCredentials.accessKeyId;
    process.env.AWS_SECRET_ACCESS_KEY = localCredentials.secretAccessKey;
    return {
      urls: { redis: engines.endpoints['redis-a-0'], search: engines.endpoints['search-primary'] },
      variables,
      callerKey: secrets.callerKeys.orders,
      own: makeOperatorParts(readSettings(variables)),
      directory: join(directory, 'bench'),
      openRedis: () => openRedis(engines.endpoints['redis-a-0']),
      openDatabase: () => createConnection(connectionOptions(databaseAddress())),
      databaseAddress,
      stop: clear,
    };
  } catch (error) {
    await clear();
    throw error;
  }
}

async function provision({ endpoints, adminUrl }: Engines, callerKey: string) {
  const clock = makeSystemClock();
  const deadline = deadlineAfter(clock, preparationMs);
  const at = (centre: CentreName) => ({
    name: awsParts[centre],
    region: regions[centre],
    endpoint: endpoints[awsParts[centre]],
    credentials: localCredentials,
    clock,
    deadline,
  });
  const queueOf = async (centre: CentreName) =>
    (await prepareQueue({ ...at(centre), queueName, visibilitySeconds: 60, receptionsMax: 5 })).queueUrl;
  await writeTopology({ ...at('A'), parameterName: topologyParameter('A'), topology: firstTopology('A', 1) });
  const registration: Registration = {
    name: 'orders',
    owner: 'orders',
    team: 'orders',
    purpose: 'is measured',
    lane: 'critical',
    operations: ['read', 'write'],
    ratePerSecond: 1_000,
    generation: 1,
    disabledSinceMs: null,
    keys: [{ hash: hashCallerKey(callerKey), sinceMs: 0 }],
    dropped: [],
  };
  const registry = makeRegistryStore({ ...at('A'), parameterName: callersParameter('A') });
  await registry.join([registration], deadline);
  const search = { name: 'primary', url: endpoints['search-primary'], epoch: 1, shards: 1, replicas: 0 };
  await prepareSearch({ ...search, clock, deadline });
  for (const centre of both) {
    for (const name of cacheParts[centre]) {
      const cache = makeRedisCacheCluster({ name, url: endpoints[name] }, clock);
      await cache.prepare('bench', deadline);
      await cache.markReady('bench', firstEpoch.epoch, deadline);
      await cache.putState(JSON.stringify(firstTopology(centre, 1)), deadline);
      const endsAtMs = (await cache.clockMs(deadline)) + hourMs;
      for (const cluster of databaseClusters) await cache.publishGrant(cluster, endsAtMs, deadline);
      cache.close();
    }
  }
  const admin = await createConnection(adminUrl('mysql-a'));
  for (const cluster of databaseClusters) {
    await admin.query(
      `UPDATE ${controlSchema(cluster)}.write_lease SET valid_until = UTC_TIMESTAMP(6) + INTERVAL 1 HOUR`,
    );
  }
  await admin.end();
  return { queueUrls: { A: await queueOf('A'), B: await queueOf('B') } };
}
