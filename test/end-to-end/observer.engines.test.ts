/** The consistency observer beside a running copy: over the copy's own API, and the engines beneath it. */
import { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { makeReadBack } from '../../functions/adapters/http/read-back.ts';
import { makeMysqlWriterSource } from '../../functions/adapters/mysql/member-source.ts';
import { valueKey } from '../../functions/adapters/redis/keys.ts';
import { pick } from '../../functions/core/cache/rendezvous.ts';
import { deadlineAfter } from '../../functions/core/kernel/clock.ts';
import type { Line } from '../../functions/core/observer/nines.ts';
import { type Miss, makeObserver } from '../../functions/core/observer/observer.ts';
import { cacheKeyOfMember } from '../../functions/core/propagation/event.ts';
import { makeOperatorParts } from '../../functions/runtime/composition/operator.ts';
import { readSettings } from '../../functions/runtime/env.ts';
import { cacheParts } from '../../scripts/local/function-variables.ts';
import { pollUntil } from '../../scripts/local/polling.ts';
import { keptVariables } from '../../scripts/local/service-secrets.ts';
import { makeApi, newIdentifiers } from './api.ts';
import { runningCopy } from './running.ts';

const { home, status } = runningCopy();
const api = makeApi(status.callers.orders.key);
const parts = makeOperatorParts(readSettings(keptVariables(home, 'A') ?? {}));
const { clock, clusters, sharding } = parts;
const readBackOf = (centre: 'A' | 'B') =>
  makeReadBack({ name: centre, url: status.centres[centre].url, key: status.callers.orders.key, clock });

test('what clients are answered after a write is counted, and an old entry that is believed is found', async () => {
  const registered = await api(status.centres.A.url, 'POST', '/v1/members', { body: newIdentifiers() });
  const { memberId } = registered.body.member;
  const path = `/v1/members/${memberId}`;
  await api(status.centres.B.url, 'GET', path);
  const name = pick([...cacheParts.B], cacheKeyOfMember(memberId));
  const redis = new Redis(parts.settings.CACHES.B[name] ?? '', { lazyConnect: true });
  const value = valueKey(cacheKeyOfMember(memberId));
  const old = await redis.get(value);
  expect(old).not.toBeNull();

  const misses: Miss[] = [];
  const lines: Line[] = [];
  const isFollowed = new Set<string>();
  let damaged = () => {};
  const isDamaged = new Promise<void>((resolve) => {
    damaged = resolve;
  });
  const inB = readBackOf('B');
  const observer = makeObserver(
    {
      databaseClusters: sharding.clusters,
      control: {
        async lastSequence(cluster, deadline) {
          const sequence = await parts.stores.control.lastSequence(cluster, deadline);
          isFollowed.add(cluster);
          return sequence;
        },
      },
      outbox: parts.stores.outbox,
      readBack: {
        A: readBackOf('A'),
        B: { ...inB, member: (id, deadline) => isDamaged.then(() => inB.member(id, deadline)) },
      },
      writer: makeMysqlWriterSource({ name: 'writer', clusters, sharding }),
      sources: [],
      sealer: parts.sealer,
      clock,
      random: () => 0,
    },
    {
      share: 1,
      delaysMs: [0, 300],
      onMiss: (miss) => misses.push(miss),
      onReport: (report) => lines.push(...report),
    },
  );
  // Longer than it takes to find what it looks for: it is over once both delays of the last write are.
  const run = observer.run(deadlineAfter(clock, 8_000));
  const isEachFollowed = () => sharding.clusters.every((cluster) => isFollowed.has(cluster));
  expect(await pollUntil(isEachFollowed, { deadlineMs: 5_000 })).toBe(true);
  await api(status.centres.A.url, 'PATCH', path, { body: { level: 7 } });
  // What a fill after the fence would do, if there were no leases.
  await redis.set(value, old ?? '', 'PX', 60_000);
  damaged();
  await run;
  redis.disconnect();

  expect(lines.some(({ centre, counts }) => centre === 'A' && counts.consistent > 0)).toBe(true);
  expect(misses.length).toBeGreaterThan(0);
  expect(misses[0]).toMatchObject({
    operation: 'update',
    centre: 'B',
    answered: { freshness: 'fresh', source: 'cache' },
  });
  expect(misses.every(({ asked, centre }) => asked === 'member' && centre === 'B')).toBe(true);
});
