/**
 * A disabled key is refused everywhere, whatever is away: real Redis clusters and parameter stores of both centres, each
 * reached through the network of whoever asks, and requests through the shipped admission.
 */

import { randomBytes } from 'node:crypto';
import { DeleteParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hashCallerKey } from '../../functions/adapters/crypto/hashers.ts';
import { makeCallerRegistry } from '../../functions/adapters/parameters/caller-registry.ts';
import { makeRegistryStore } from '../../functions/adapters/parameters/registry-store.ts';
import { parseRegistryCopy } from '../../functions/adapters/parameters/registry-text.ts';
import { makeTopologyStore, writeTopology } from '../../functions/adapters/parameters/topology-store.ts';
import { makeRedisCacheCluster } from '../../functions/adapters/redis/redis-cache-cluster.ts';
import { makeCallerKeeper } from '../../functions/core/caller/caller-keeper.ts';
import { makeRegistrar } from '../../functions/core/caller/registrar.ts';
import { makeCentreState } from '../../functions/core/failover/centre-state.ts';
import { deadlineAfter } from '../../functions/core/kernel/clock.ts';
import { orNull } from '../../functions/core/kernel/invariant.ts';
import { type CentreName, cacheKeyOfMember, otherCentre } from '../../functions/core/propagation/event.ts';
import { makeGetMember } from '../../functions/get-member.ts';
import { makeRegisterMember } from '../../functions/register-member.ts';
import { standIn } from '../adapters/aws.ts';
import { makeProxy, type RedisProxy } from '../adapters/redis/proxy.ts';
import { wallClock as clock } from '../adapters/wall-clock.ts';
import { orders } from '../core/caller/two-centres.ts';
import { engineAddress } from '../engines.ts';
import { ask, fakeParts, member, topology } from '../runtime/fake-parts.ts';

const both = ['A', 'B'] as const;
const redisDatabase = 11;
const cacheNames = { A: ['redis-a-0', 'redis-a-1'], B: ['redis-b-0', 'redis-b-1'] } as const;
const soon = () => deadlineAfter(clock, 20_000);

/** On a busy machine too, no request is given up. */
const patient = { ...clock, monotonicMs: () => clock.monotonicMs() + 20_000 };

let prefix: string;
let proxies: Map<string, RedisProxy>;
let closers: (() => unknown)[];

/** The network between somebody and a part: `operator>redis-b-0`. */
const networkOf = async (who: string, part: string): Promise<RedisProxy> => {
  const name = `${who}>${part}`;
  const known = proxies.get(name);
  if (known) return known;
  const address = part.startsWith('redis') ? `${engineAddress(part)}/${redisDatabase}` : engineAddress(part);
  const proxy = await makeProxy(address);
  proxies.set(name, proxy);
  return proxy;
};

/** From now on nothing passes, and nobody is told. */
async function blackhole(who: string, ...parts: readonly string[]): Promise<void> {
  for (const part of parts) {
    const proxy = await networkOf(who, part);
    proxy.blackhole();
    proxy.blackholeNew(true);
  }
}

async function registryOf(who: string, centre: CentreName) {
  const { url } = await networkOf(who, `aws-${centre.toLowerCase()}`);
  const at = { ...standIn(`registry ${centre}`, url.replace(/\/\d*$/, '')), clock };
  return { ...at, parameterName: `${prefix}/${centre}/callers` };
}

async function cachesOf(who: string, centre: CentreName) {
  const made = await Promise.all(
    cacheNames[centre].map(async (name) =>
      makeRedisCacheCluster({ name, url: (await networkOf(who, name)).url }, clock),
    ),
  );
  closers.push(...made.map((cache) => cache.close));
  return made;
}

async function operator() {
  let keys = 0;
  return makeRegistrar({
    registries: {
      A: makeRegistryStore(await registryOf('operator', 'A')),
      B: makeRegistryStore(await registryOf('operator', 'B')),
    },
    caches: { A: await cachesOf('operator', 'A'), B: await cachesOf('operator', 'B') },
    parse: parseRegistryCopy,
    newKey: () => {
      keys += 1;
      return { key: `${prefix}-${keys}`, hash: hashCallerKey(`${prefix}-${keys}`) };
    },
    clock,
  });
}

/** The relay of a centre: one round of what it keeps for callers. */
async function relay(centre: CentreName): Promise<() => Promise<void>> {
  const who = `relay-${centre}`;
  const registry = await registryOf(who, centre);
  const topologies = makeTopologyStore({
    ...registry,
    parameterName: `${prefix}/${centre}/topology`,
    rememberMs: 0,
    keepMs: 0,
  });
  const keep = makeCallerKeeper({
    own: await cachesOf(who, centre),
    others: await cachesOf(who, otherCentre(centre)),
    registry: makeRegistryStore(registry),
    readTopology: (deadline) => topologies.read(deadline),
    clock,
  });
  return () => keep(soon());
}

/** A process that serves a centre: it goes by what it remembers, unless `remembers` says otherwise. */
async function server(centre: CentreName, name = 'api', remembers?: { rememberMs: number; keepMs: number }) {
  const who = `${name}-${centre}`;
  const caches = await cachesOf(who, centre);
  const registry = await registryOf(who, centre);
  const readAny = async () => {
    for (const cache of caches) {
      const reading = await orNull(cache.read(cacheKeyOfMember('m-1'), [], deadlineAfter(clock, 500)));
      if (reading?.state) return reading.state;
    }
    return null;
  };
  const state = makeCentreState({
    fromCache: readAny,
    fromStore: async () => {
      throw new Error('not needed here');
    },
  });
  const parts = fakeParts({
    parts: {
      clock: patient,
      callers: makeCallerRegistry({ ...registry, copies: caches, ...remembers }),
      hashCallerKey,
      state,
      reader: {
        async member() {
          state.saw(await readAny());
          return { kind: 'member', member, freshness: 'fresh', source: 'cache' };
        },
        lookUp: async () => ({ kind: 'nobody', version: 0, freshness: 'fresh', source: 'cache' }),
        lookUpMany: async () => [],
      },
    },
  });
  const read = makeGetMember(() => parts);
  const write = makeRegisterMember(() => parts);
  const body = { name: 'Ada', accounts: [{ platform: 'elong-app', accountId: 'el-1' }] };
  return async (key: string): Promise<readonly [read: number, write: number]> => {
    const headers = { authorization: `Bearer ${key}` };
    const [reading, writing] = [
      await ask(read, { headers, parameters: { memberId: member.memberId } }),
      await ask(write, { headers, body }),
    ];
    return [reading.status, writing.status];
  };
}

const admitted = [200, 201];
const refused = [403, 403];

let key: string;
let registrar: Awaited<ReturnType<typeof operator>>;
let tick: Record<CentreName, () => Promise<void>>;
let serve: Record<CentreName, (key: string) => Promise<readonly [number, number]>>;

beforeEach(async () => {
  prefix = `/test/${randomBytes(6).toString('hex')}`;
  proxies = new Map();
  closers = [];
  for (const name of [...cacheNames.A, ...cacheNames.B]) {
    const hand = new Redis(`${engineAddress(name)}/${redisDatabase}`);
    await hand.flushdb();
    await hand.quit();
  }
  for (const centre of both) {
    const at = await registryOf('operator', centre);
    await writeTopology({ ...at, parameterName: `${prefix}/${centre}/topology`, topology, deadline: soon() });
    for (const cache of await cachesOf('operator', centre))
      await cache.putState(JSON.stringify(topology), soon());
  }
  registrar = await operator();
  const added = await registrar.add(orders, soon());
  if (added.kind !== 'added') throw new Error(added.kind);
  ({ key } = added);
  tick = { A: await relay('A'), B: await relay('B') };
  await tick.A();
  await tick.B();
  serve = { A: await server('A'), B: await server('B') };
  // Each remembers the registry from here on: no clock moves so far that it would ask again.
  for (const centre of both) expect(await serve[centre](key)).toEqual(admitted);
});

afterEach(async () => {
  for (const close of closers) close();
  for (const proxy of proxies.values()) await proxy.end();
  for (const centre of both) {
    const ssm = new SSMClient(standIn('aws', engineAddress(`aws-${centre.toLowerCase()}`)));
    await ssm.send(
      new DeleteParametersCommand({
        Names: [`${prefix}/${centre}/callers/00`, `${prefix}/${centre}/topology`],
      }),
    );
    ssm.destroy();
  }
});

test('it is refused at once in both centres, by processes that remember the registry', async () => {
  expect(await registrar.disable('orders', soon())).toMatchObject({ kind: 'disabled', missed: [] });
  for (const centre of both) expect(await serve[centre](key)).toEqual(refused);
});

test('while the parameter store of the centre is away it is refused at once too, and stays so', async () => {
  for (const who of ['operator', 'relay-A', 'api-A']) await blackhole(who, 'aws-a');
  const { missed } = await registrar.disable('orders', soon());
  expect(missed.map(({ part }) => part)).toEqual(['registry A']);
  expect(await serve.A(key)).toEqual(refused);
  await tick.A();
  expect(await serve.A(key)).toEqual(refused);
  // A process that starts now knows neither the store nor what was; the old copy in Redis admits nobody revoked.
  await blackhole('new-A', 'aws-a');
  const young = await server('A', 'new');
  expect(await young(key)).toEqual(refused);
});

test('while both stores are away a process that starts admits by the copy in Redis who is not refused', async () => {
  await blackhole('new-B', 'aws-b');
  expect(await (await server('B', 'new'))(key)).toEqual(admitted);
});

test('a centre that the operator cannot reach at all hears of it from the relay of the other', async () => {
  await blackhole('operator', 'aws-b', ...cacheNames.B);
  const { missed } = await registrar.disable('orders', soon());
  expect(missed.map(({ part }) => part).sort()).toEqual(['redis-b-0', 'redis-b-1', 'registry B']);
  expect(await serve.A(key)).toEqual(refused);
  expect(await serve.B(key)).toEqual(admitted);
  await tick.A();
  expect(await serve.B(key)).toEqual(refused);
  // Its own relay, which knows no better, brings the key back neither by the registry nor by the topology.
  await tick.B();
  expect(await serve.B(key)).toEqual(refused);
});

test('a relay that reaches only its own centre fetches it from there: one reached Redis is enough', async () => {
  await blackhole('operator', 'aws-a', 'aws-b', ...cacheNames.A, 'redis-b-0');
  expect(await registrar.disable('orders', soon())).toMatchObject({ kind: 'disabled' });
  await blackhole('relay-B', 'aws-b', ...cacheNames.A);
  await tick.B();
  expect(await serve.B(key)).toEqual(refused);
  await tick.A();
  expect(await serve.A(key)).toEqual(refused);
});

test('an older topology of the store puts no revoked key back, however often a relay copies it', async () => {
  await registrar.disable('orders', soon());
  for (const cache of await cachesOf('relay-A', 'A')) await cache.putState(JSON.stringify(topology), soon());
  expect(await serve.A(key)).toEqual(refused);
});

test('where no revocation arrives the registry refuses: the copy in Redis is new with the relay’s next round', async () => {
  await blackhole('operator', ...cacheNames.A, ...cacheNames.B);
  await blackhole('relay-A', ...cacheNames.B);
  const forgetful = await server('A', 'forgetful', { rememberMs: 0, keepMs: 0 });
  expect(await forgetful(key)).toEqual(admitted);
  await registrar.disable('orders', soon());
  await tick.A();
  expect(await forgetful(key)).toEqual(refused);
});

test('run again when all is back, nothing is left to do, and the store says it by itself', async () => {
  await blackhole('operator', 'aws-b');
  await registrar.disable('orders', soon());
  const network = proxies.get('operator>aws-b');
  await network?.cut();
  network?.blackholeNew(false);
  expect(await registrar.disable('orders', soon())).toMatchObject({ kind: 'disabled', missed: [] });
  const [standing] = (await makeRegistryStore(await registryOf('hand', 'B')).read(soon())) ?? [];
  expect(standing?.disabledSinceMs).not.toBeNull();
});
