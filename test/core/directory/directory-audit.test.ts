import { beforeEach, expect, test } from 'vitest';
import { makeMemoryDirectory } from '../../../functions/adapters/memory/directory.ts';
import { makeMemoryWriterSource } from '../../../functions/adapters/memory/member-source.ts';
import { makeMemoryMemberWalk } from '../../../functions/adapters/memory/member-walk.ts';
import { makeMemoryCluster } from '../../../functions/adapters/memory/memory-cluster.ts';
import { makeMemoryOutbox } from '../../../functions/adapters/memory/outbox.ts';
import type { DirectoryRow } from '../../../functions/core/directory/directory.ts';
import { makeDirectoryAudit } from '../../../functions/core/directory/directory-audit.ts';
import { type Findings, nothingFound, together } from '../../../functions/core/search/reconcile.ts';
import { sharding } from '../../adapters/contract/writer-subject.ts';
import { sampleEvent } from '../../adapters/sample-events.ts';
import { makeHandClock } from '../../adapters/wall-clock.ts';
import { makeCheapSealer } from '../../simulation/cheap-crypto.ts';

const clock = makeHandClock();
const sealer = makeCheapSealer();
let clusters: Record<string, ReturnType<typeof makeMemoryCluster>>;
beforeEach(() => {
  clusters = { c0: makeMemoryCluster({ name: 'c0', clock }), c1: makeMemoryCluster({ name: 'c1', clock }) };
});
const tablesOf = (id: string) => (clusters[sharding.clusterOf(id)] as (typeof clusters)[string]).writer;

function hold(memberId: string, key: string, row: Partial<DirectoryRow> | null): void {
  const member = {
    memberId,
    version: 5,
    status: 'active',
    name: '',
    level: 0,
    createdAt: '',
    updatedAt: '',
    holdings: [{ identifier: { kind: 'phone', value: key }, key, token: `t-${key}` }],
  } as const;
  const stored = { memberId, version: 5, status: 'active', sealed: sealer.seal(member) } as const;
  tablesOf(memberId).member.set(memberId, stored);
  if (row === null) return;
  const right = { key, state: 'bound', token: `t-${key}`, memberId, version: 5, claimEndsMs: 0 } as const;
  tablesOf(key).directory.set(key, { ...right, ...row });
}

/** A whole walk around all slots. */
async function audit(): Promise<Findings> {
  let all = nothingFound;
  let slots = 0;
  const run = makeDirectoryAudit({
    walk: makeMemoryMemberWalk({ clusters, sharding }),
    writer: makeMemoryWriterSource({ name: 'writer', clusters, sharding }),
    directory: makeMemoryDirectory({ clusters, sharding }),
    outbox: makeMemoryOutbox({ clusters }),
    sharding,
    sealer,
    random: () => 0.9,
    clock,
    compared(sink, count, found) {
      expect(sink).toBe('directory');
      slots += count;
      all = together(all, found);
    },
  });
  while (slots < 1024) await run({ atMonotonicMs: clock.monotonicMs() + 60_000 });
  return all;
}

test('rows that are bound to who holds them are right', async () => {
  for (let index = 0; index < 20; index++) hold(`m-${index}`, `k-${index}`, {});
  expect(await audit()).toEqual(nothingFound);
});

test('a row that its own member has claimed is settled', async () => {
  hold('x', 'k', { state: 'claimed', version: 3 });
  expect(await audit()).toEqual({ differing: 1, mended: 1, touched: 0, failed: 0 });
  expect(tablesOf('k').directory.get('k')).toMatchObject({ state: 'bound', memberId: 'x', version: 5 });
  expect(await audit()).toEqual(nothingFound);
});

test.each<[string, Partial<DirectoryRow> | null]>([
  ['absent', null],
  ['free', { state: 'free' }],
  ['bound by another token', { token: 'other' }],
  ["another member's", { memberId: 'y' }],
])('a row that is %s is told of, and not touched', async (_, row) => {
  hold('x', 'k', row);
  const before = tablesOf('k').directory.get('k');
  expect(await audit()).toEqual({ differing: 1, mended: 0, touched: 0, failed: 1 });
  expect(tablesOf('k').directory.get('k')).toEqual(before);
});

test('what a change on its way explains is left to it', async () => {
  hold('x', 'k', { state: 'claimed' });
  const event = sampleEvent({ memberId: 'x', version: 5 });
  tablesOf('x').outbox.set(1, { sequence: 1, event, pending: ['directory'], committedAtMs: 0 });
  expect(await audit()).toEqual(nothingFound);
});
