/** The test engines as the protocol tests use them, with what a test may do to them by hand. */
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { Redis } from 'ioredis';
import { type Database, makeDatabase } from '../../functions/adapters/mysql/database.ts';
import { controlSchema } from '../../functions/adapters/mysql/schema/names.ts';
import { prepareSearch } from '../../functions/adapters/opensearch/prepare-search.ts';
import { makeSearchCluster } from '../../functions/adapters/opensearch/search-cluster.ts';
import { makeTopologyDocument } from '../../functions/adapters/parameters/topology-document.ts';
import { makeTopologyStore, writeTopology } from '../../functions/adapters/parameters/topology-store.ts';
import { grantEndKey, grantKey } from '../../functions/adapters/redis/keys.ts';
import { makeRedisCacheCluster } from '../../functions/adapters/redis/redis-cache-cluster.ts';
import { decodeMessage } from '../../functions/adapters/sqs/message.ts';
import { prepareQueue } from '../../functions/adapters/sqs/prepare-queue.ts';
import { makeSyncQueue } from '../../functions/adapters/sqs/sync-queue.ts';
import { firstTopology } from '../../functions/core/failover/topology.ts';
import { deadlineAfter } from '../../functions/core/kernel/clock.ts';
import type { CentreName } from '../../functions/core/propagation/event.ts';
import type { SyncMessage } from '../../functions/core/propagation/ports.ts';
import { type Sharding, schemaOfSlot } from '../../functions/core/sharding/sharding.ts';
import { standIn } from '../adapters/aws.ts';
import { addressOf, type Hand, openHand } from '../adapters/mysql/connections.ts';
import { wallClock as clock } from '../adapters/wall-clock.ts';
import { engineAddress } from '../engines.ts';

export const replicaNames = { A: [], B: ['mysql-b-0', 'mysql-b-1', 'mysql-b-2'] } as const;
/** Where promotions are tested: the first writer is a copy, too, when another one writes. */
const promotableNames = { A: ['mysql-a'], B: replicaNames.B } as const;
export const cacheNames = { A: ['redis-a-0', 'redis-a-1'], B: ['redis-b-0', 'redis-b-1'] } as const;
/** Each search cluster, and the centre whose queue feeds it. */
export const searchCentres: Readonly<Record<string, CentreName>> = {
  primary: 'A',
  backup: 'B',
  marketing: 'A',
};

const both = ['A', 'B'] as const;
/** Of each Redis: other tests have other numbers. */
const redisDatabase = 9;
const hourMs = 3_600_000;
const inMs = 'UTC_TIMESTAMP(6) + INTERVAL ? MICROSECOND';
const soon = () => deadlineAfter(clock, 20_000);

export interface EngineOptions {
  /** Redis clusters of the test's own, in place of the shared ones, by name. */
  readonly redisUrls?: Readonly<Record<string, string>>;
  /** For promotions: which server writes now. All others are replicas. @default `mysql-a`, for ever */
  readonly writing?: { server: string };
  /** Keeps what promotions change apart from the other tests. @default protocol */
  readonly name?: string;
}

export async function connectEngines(
  sharding: Sharding,
  { redisUrls = {}, writing, name: own = 'protocol' }: EngineOptions,
) {
  const indexPrefix = `${own}-`;
  const names = writing ? promotableNames : replicaNames;
  const serverNames = ['mysql-a', ...replicaNames.B];
  const hands = new Map(
    await Promise.all(serverNames.map(async (name) => [name, await openHand(`${name}-admin`)] as const)),
  );
  const writes = (): string => writing?.server ?? 'mysql-a';
  const handOf = (name: string): Hand => {
    const hand = hands.get(name);
    if (!hand) throw new Error(`no ${name}`);
    return hand;
  };
  /** At the server that writes. */
  const admin: Pick<Hand, 'sql' | 'untilRunning'> = {
    sql: (...args) => handOf(writes()).sql(...args),
    untilRunning: (beginning) => handOf(writes()).untilRunning(beginning),
  };
  const followersNow = () => serverNames.filter((name) => name !== writes()).map(handOf);
  const journalHands = { A: await openHand('journal-a-admin'), B: await openHand('journal-b-admin') };
  const connect = (name: string, part: string): Database =>
    makeDatabase({ name, address: addressOf(part), connectionsMax: 24, clock });
  const databases = Object.fromEntries(
    sharding.clusters.map((cluster) => [
      cluster,
      {
        writer: writing
          ? writerOf(writing, serverNames, (name) => connect(`database ${cluster} on ${name}`, name))
          : connect(`database ${cluster}`, 'mysql-a'),
        replicas: Object.fromEntries(
          [...names.A, ...names.B].map((name) => [name, connect(name, name)] as const),
        ),
      },
    ]),
  );
  const journals = { A: connect('journal-a', 'journal-a'), B: connect('journal-b', 'journal-b') };

  const redisHands = new Map<string, Redis>();
  const urlOf = (name: string): string => redisUrls[name] ?? `${engineAddress(name)}/${redisDatabase}`;
  const cacheOf = (name: string) => [name, makeRedisCacheCluster({ name, url: urlOf(name) }, clock)] as const;
  /** The Redis itself. What stands in it is told in the adapter's `keys.ts`. */
  const redis = (name: string): Redis => {
    const known = redisHands.get(name);
    if (known) return known;
    const hand = new Redis(urlOf(name));
    hand.on('error', () => {});
    redisHands.set(name, hand);
    return hand;
  };
  const caches = {
    A: Object.fromEntries(cacheNames.A.map(cacheOf)),
    B: Object.fromEntries(cacheNames.B.map(cacheOf)),
  };
  const allCaches = [...Object.values(caches.A), ...Object.values(caches.B)];

  const search = Object.fromEntries(
    await Promise.all(
      Object.keys(searchCentres).map(async (name) => {
        const at = {
          name: `search:${name}`,
          url: engineAddress(`search-${name}`),
          clock,
          indexPrefix,
          slotOf: sharding.slotOf,
        };
        await prepareSearch({ ...at, epoch: 1, shards: 1, replicas: 0, deadline: soon() });
        return [name, makeSearchCluster(at)] as const;
      }),
    ),
  );

  const queueOf = async (centre: CentreName) => {
    const at = { ...standIn(`queue-${centre}`, engineAddress(`aws-${centre.toLowerCase()}`)), clock };
    const { queueUrl } = await prepareQueue({
      ...at,
      queueName: own,
      visibilitySeconds: 30,
      receptionsMax: 5,
      deadline: soon(),
    });
    return { queue: makeSyncQueue({ ...at, queueUrl }), QueueUrl: queueUrl, sqs: new SQSClient(at) };
  };
  const queuesAt = { A: await queueOf('A'), B: await queueOf('B') };
  const topologyStoreOf = async (centre: CentreName) => {
    const at = standIn('parameters', engineAddress(`aws-${centre.toLowerCase()}`));
    const options = { ...at, clock, parameterName: `/${own}/${centre}/topology`, rememberMs: 0, keepMs: 0 };
    await writeTopology({ ...options, topology: firstTopology(centre, 1), deadline: soon() });
    return { store: makeTopologyStore(options), document: makeTopologyDocument(options) };
  };
  const topologies = { A: await topologyStoreOf('A'), B: await topologyStoreOf('B') };

  const onControl = async (sql: string, ...values: readonly unknown[]): Promise<void> => {
    for (const cluster of sharding.clusters) {
      await admin.sql(sql.replaceAll('control.', `${controlSchema(cluster)}.`), ...values);
    }
  };
  const setLease = (remainingMs: number): Promise<void> =>
    onControl(`UPDATE control.write_lease SET valid_until = ${inMs}`, remainingMs * 1000);

  /** Everything that was sent to a centre's queue, taken from it. */
  const takeMessages = async (centre: CentreName): Promise<SyncMessage[]> => {
    const { sqs, QueueUrl } = queuesAt[centre];
    const taken: SyncMessage[] = [];
    for (;;) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 0 }),
      );
      if (Messages.length === 0) return taken;
      for (const { Body = '', ReceiptHandle } of Messages) {
        const message = decodeMessage(Body);
        if (message) taken.push(message);
        await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
      }
    }
  };

  const releaseReplicas = async (): Promise<void> => {
    for (const follower of followersNow()) await follower.sql('START SLAVE SQL_THREAD');
  };

  /** Nothing left of earlier tests: empty outboxes, journals, queues and caches; epoch 1 in A; all leases and grants long. */
  const reset = async (): Promise<void> => {
    await releaseReplicas();
    await onControl('DELETE FROM control.outbox');
    await onControl('DELETE FROM control.redis_grant');
    await onControl("UPDATE control.epoch SET epoch = 1, centre = 'A'");
    await onControl('UPDATE control.token_mark SET oldest_day = 0');
    await setLease(hourMs);
    for (const hand of Object.values(journalHands)) {
      await hand.sql('DELETE FROM journal.entry');
      await hand.sql("UPDATE journal.register SET epoch = 1, centre = 'A', longest_promise_ms = 0");
    }
    for (const centre of both) {
      await takeMessages(centre);
      for (const cache of Object.values(caches[centre])) {
        await cache.empty(soon());
        await openCache(cache.name);
        await cache.putState(JSON.stringify(firstTopology(centre, 1)), soon());
      }
    }
  };

  const cacheNamed = (name: string) => {
    const cache = allCaches.find((one) => one.name === name);
    if (!cache) throw new Error(`no ${name}`);
    return cache;
  };

  /** Grants a Redis for `lengthMs`, as its relay would have: recorded first, then published. 0 ends its grants. */
  const grantCache = async (name: string, lengthMs = hourMs): Promise<void> => {
    await onControl(
      `INSERT INTO control.redis_grant (redis, grant_ends, suspended, relied_count) VALUES (?, ${inMs}, 0, 0)
        ON DUPLICATE KEY UPDATE grant_ends = ${inMs}`,
      ...[name, lengthMs * 1000, lengthMs * 1000],
    );
    const endsAtMs = (await cacheNamed(name).clockMs(soon())) + lengthMs;
    for (const cluster of sharding.clusters) {
      await redis(name).del(grantKey(cluster), grantEndKey(cluster));
      if (lengthMs > 0) await cacheNamed(name).publishGrant(cluster, endsAtMs, soon());
      else await redis(name).set(grantEndKey(cluster), endsAtMs);
    }
  };

  /** Makes a Redis ready, in the epoch that A's topology tells, and grants it for long. */
  const openCache = async (name: string): Promise<void> => {
    await cacheNamed(name).prepare('nonce', soon());
    const { epoch } = await topologies.A.store.read(soon());
    await cacheNamed(name).markReady('nonce', epoch, soon());
    await grantCache(name);
  };

  return {
    databases,
    journals,
    caches,
    search,
    queues: { A: queuesAt.A.queue, B: queuesAt.B.queue },
    topologies: { A: topologies.A.store, B: topologies.B.store },
    documents: { A: topologies.A.document, B: topologies.B.document },
    replicaNames: names as Readonly<Record<CentreName, readonly string[]>>,
    indexPrefix,
    handOf,
    /** A server, whether or not it writes. */
    server: (cluster: string, name: string): Database => {
      const writer = databases[cluster]?.writer as Partial<ReturnType<typeof writerOf>> | undefined;
      const found = writer?.servers?.[name];
      if (!found) throw new Error(`no ${name} of ${cluster}`);
      return found;
    },
    admin,
    journalHands,
    onControl,
    setLease,
    takeMessages,
    openCache,
    grantCache,
    redis,
    reset,
    schemaOf: (text: string): string => schemaOfSlot(sharding.slotOf(text)),
    /** Lets the deadlines of the claims on these rows have passed. */
    async expireClaims(keys: readonly string[]): Promise<void> {
      for (const key of keys) {
        await admin.sql(
          `UPDATE ${schemaOfSlot(sharding.slotOf(key))}.directory
            SET claim_ends = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND WHERE identifier_key = ?`,
          key,
        );
      }
    },
    /** Lets all that the relay waits for be old enough: outbox rows, and the journals' entries. */
    async age(): Promise<void> {
      await onControl('UPDATE control.outbox SET committed_at = committed_at - INTERVAL 1 MINUTE');
      for (const hand of Object.values(journalHands)) {
        await hand.sql('UPDATE journal.entry SET appended_at = appended_at - INTERVAL 5 MINUTE');
      }
    },
    async holdReplicas(): Promise<void> {
      for (const follower of followersNow()) await follower.sql('STOP SLAVE SQL_THREAD');
    },
    releaseReplicas,
    /** Resolves when every replica shows what the writer has committed until now. */
    async replicasFollow(): Promise<void> {
      const [at] = await admin.sql('SELECT @@gtid_binlog_pos AS position');
      for (const follower of followersNow()) {
        const [reached] = await follower.sql('SELECT MASTER_GTID_WAIT(?, 30) AS waited', at?.position);
        if (reached?.waited !== 0) throw new Error('a replica does not follow');
      }
    },
    async end(): Promise<void> {
      await reset();
      await setLease(0);
      for (const { sqs } of Object.values(queuesAt)) sqs.destroy();
      for (const hand of redisHands.values()) hand.disconnect();
      for (const cache of allCaches) {
        await cache.empty(soon());
        cache.close();
      }
      const servers = Object.values(databases).flatMap(({ writer, replicas }) => [
        writer,
        ...Object.values(replicas),
      ]);
      await Promise.all([...servers, ...Object.values(journals)].map((server) => server.end()));
      await Promise.all([...hands.values(), ...Object.values(journalHands)].map((hand) => hand.end()));
    },
  };
}

/** The server that writes at the time of each call. */
function writerOf(
  writing: { readonly server: string },
  names: readonly string[],
  connect: (name: string) => Database,
): Database & { readonly servers: Readonly<Record<string, Database>> } {
  const servers = Object.fromEntries(names.map((name) => [name, connect(name)]));
  return {
    name: 'the writer',
    servers,
    run: async (...args) => {
      const server = servers[writing.server];
      if (!server) throw new Error(`no ${writing.server}`);
      return server.run(...args);
    },
    end: async () => void (await Promise.all(Object.values(servers).map((server) => server.end()))),
  };
}
