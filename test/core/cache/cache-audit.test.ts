import { beforeEach, expect, test } from 'vitest';
import { makeMemoryWriterSource } from '../../../functions/adapters/memory/member-source.ts';
import { makeMemoryCacheCluster } from '../../../functions/adapters/memory/memory-cache-cluster.ts';
import { makeMemoryCluster } from '../../../functions/adapters/memory/memory-cluster.ts';
import { makeMemoryRedis } from '../../../functions/adapters/memory/memory-redis.ts';
import { makeMemoryOutbox } from '../../../functions/adapters/memory/outbox.ts';
import { makeCacheAudit } from '../../../functions/core/cache/cache-audit.ts';
import { entryOf } from '../../../functions/core/cache/entry.ts';
import type { StoredMember } from '../../../functions/core/member/member.ts';
import type { CacheKey } from '../../../functions/core/propagation/event.ts';
import { sharding } from '../../adapters/contract/writer-subject.ts';
import { sampleEvent } from '../../adapters/sample-events.ts';
import { makeHandClock } from '../../adapters/wall-clock.ts';

const clock = makeHandClock();
const soon = () => ({ atMonotonicMs: clock.monotonicMs() + 60_000 });
const memberAt = (memberId: string, version: number, status: StoredMember['status'] = 'active') => ({
  memberId,
  version,
  status,
  sealed: `sealed-${memberId}-${version}`,
});

let clusters: Record<string, ReturnType<typeof makeMemoryCluster>>;
let redis: ReturnType<typeof makeMemoryRedis>;
let found: number[];

beforeEach(() => {
  clusters = { c0: makeMemoryCluster({ name: 'c0', clock }), c1: makeMemoryCluster({ name: 'c1', clock }) };
  redis = makeMemoryRedis(clock);
  found = [];
});

const at = (id: string) => clusters[sharding.clusterOf(id)]?.writer ?? raise();
const raise = (): never => {
  throw new Error('no cluster');
};
const row = (memberId: string, version: number, key?: string, status?: StoredMember['status']) => {
  at(memberId).member.set(memberId, memberAt(memberId, version, status));
  if (key === undefined) return;
  const bound = { key, state: 'bound', token: 't', memberId, version, claimEndsMs: 0 } as const;
  at(key).directory.set(key, bound);
};
const cache = (key: CacheKey, member: StoredMember | null, version: number) =>
  redis.values.set(key, { held: entryOf(member, version), endsAtMs: clock.nowMs() + 60_000 });

async function audit(meanwhile: () => void = () => {}): Promise<void> {
  const writer = makeMemoryWriterSource({
    name: 'writer',
    clusters,
    sharding,
    turn: async (moment) => void (moment === 'after' && meanwhile()),
  });
  const run = makeCacheAudit({
    writer,
    outbox: makeMemoryOutbox({ clusters }),
    sharding,
    compared: (_, __, { differing }) => void found.push(differing),
  });
  await run(makeMemoryCacheCluster({ name: 'redis-a-0', redis, clock }), soon());
}
const kept = () => [...redis.values.keys()].sort();

test('what is right stays: members, nobody, by id and by identifier', async () => {
  row('x', 5, 'k');
  row('gone', 6, undefined, 'cancelled');
  cache('m:x', memberAt('x', 5), 5);
  cache('i:k', memberAt('x', 5), 5);
  cache('m:gone', null, 6);
  cache('m:never', null, 0);
  cache('i:free', null, 3);
  await audit();
  expect(kept()).toEqual(['i:free', 'i:k', 'm:gone', 'm:never', 'm:x']);
  expect(found).toEqual([0]);
  expect(redis.fences.size).toBe(0);
});

test.each<[string, () => void]>([
  ['below its row', () => cache('m:x', memberAt('x', 4), 4)],
  ['above its row', () => cache('m:x', memberAt('x', 6), 6)],
  ['nobody, though there is somebody', () => cache('m:x', null, 4)],
  ['by an identifier, below', () => cache('i:k', memberAt('x', 4), 4)],
  ['another member by its identifier', () => cache('i:k', memberAt('y', 9), 9)],
  ['nobody by an identifier that is bound', () => cache('i:k', null, 2)],
  ['somebody by an identifier that is free', () => cache('i:free', memberAt('x', 5), 5)],
  ['somebody who was never there', () => cache('m:ghost', memberAt('ghost', 5), 5)],
])('what is %s goes, behind a fence that is swept', async (_, make) => {
  row('x', 5, 'k');
  row('y', 9);
  make();
  const [key] = kept();
  await audit();
  expect([kept(), found]).toEqual([[], [1]]);
  expect(redis.fences.get(key as CacheKey)?.fence.version).toBeLessThan(10);
});

test('what a change on its way explains is left to it', async () => {
  row('x', 5, 'k');
  cache('m:x', memberAt('x', 4), 4);
  const event = sampleEvent({ memberId: 'x', version: 5 });
  at('x').outbox.set(1, { sequence: 1, event, pending: [], committedAtMs: 0 });
  await audit();
  expect([kept(), found]).toEqual([['m:x'], [0]]);
});

test('what was filled anew meanwhile stays', async () => {
  row('x', 5, 'k');
  cache('m:x', memberAt('x', 4), 4);
  await audit(() => cache('m:x', memberAt('x', 5), 5));
  expect(kept()).toEqual(['m:x']);
  expect(redis.fences.size).toBe(0);
});

test('a writer that does not answer is no reason to take anything away', async () => {
  row('x', 5);
  cache('m:x', memberAt('x', 4), 4);
  for (const { writer } of Object.values(clusters)) writer.control.leaseEndsMs = 0;
  await audit();
  expect(kept()).toEqual(['m:x']);
});
