import { expect, it } from 'vitest';
import { makeMemoryClusterControl } from '../../../functions/adapters/memory/cluster-control.ts';
import { makeMemoryJournalAdapter } from '../../../functions/adapters/memory/journal.ts';
import { commitTo, makeMemoryCluster } from '../../../functions/adapters/memory/memory-cluster.ts';
import { makeMemoryJournal } from '../../../functions/adapters/memory/memory-journal.ts';
import { makeMemoryOutbox } from '../../../functions/adapters/memory/outbox.ts';
import { retention } from '../../../functions/core/failover/retention.ts';
import { DependencyUnavailable } from '../../../functions/core/kernel/invariant.ts';
import type { SinkName } from '../../../functions/core/propagation/event.ts';
import { makeOutboxWorker } from '../../../functions/core/propagation/outbox-worker.ts';
import { makeRelay, type RelayPorts } from '../../../functions/core/propagation/relay.ts';
import type { RelayObserver } from '../../../functions/core/propagation/relay-observer.ts';
import { sampleEvent } from '../../adapters/sample-events.ts';
import { topology } from '../../runtime/fake-parts.ts';

const epoch = { epoch: 1, centre: 'A' } as const;
const trace = `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`;

/** A database cluster of one outbox row that lacks `pending`, and a relay that tells what it did. */
function makeScene(pending: readonly SinkName[], put: () => Promise<'put'>) {
  let nowMs = 1_000_000;
  const clock = {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    sleep: async (ms: number) => {
      nowMs += ms;
    },
  };
  const c0 = makeMemoryCluster({ name: 'c0', clock });
  const event = { ...sampleEvent({ memberId: 'm', version: 1, directory: [] }), cacheKeys: [], trace };
  commitTo(c0, ({ outbox }) => outbox.set(1, { sequence: 1, event, pending, committedAtMs: 0 }));
  const heard: unknown[] = [];
  const observer: RelayObserver = {
    round: (duty, outcome) => void (duty.startsWith('outbox') && heard.push([duty, outcome])),
    redelivered: (rows) => void heard.push(['redelivered', rows.map((row) => row.event.trace)]),
    completed: (rows) => void heard.push(['completed', rows]),
    compared() {},
  };
  const clusters = { c0 };
  const journal = makeMemoryJournalAdapter({ name: 'journal', state: makeMemoryJournal(clock, epoch) });
  const ports = {
    centre: 'A',
    databaseClusters: ['c0'],
    control: makeMemoryClusterControl({ clusters }),
    outbox: makeMemoryOutbox({ clusters }),
    directory: { settle: async () => ({ kind: 'settled' }), shownBy: async () => [] },
    sinks: {
      caches: { A: {}, B: {} },
      search: { primary: { cluster: { name: 'search:primary', put }, centre: 'A' } },
      journals: { A: journal, B: journal },
    },
    replicas: { A: [], B: [] },
    registers: [],
    centreState: { current: async () => topology, saw() {}, async refresh() {} },
    readTopology: async () => topology,
    sharding: { clusterOfSlot: () => 'c1', slotOf: () => 0 },
    ids: { token: () => 'token' },
    trimming: { raiseTokenMark: async () => ({ kind: 'not-the-writer' }) },
    retention,
    clock,
    observer,
  } as unknown as RelayPorts;
  return { ports, heard, soon: () => ({ atMonotonicMs: nowMs + 10_000 }) };
}

it('hears whose rows were finished, and what has gone', async () => {
  const { ports, heard, soon } = makeScene(['search:primary'], async () => 'put');
  const work = makeOutboxWorker(ports);
  await work('c0', topology, soon());
  await work('c0', topology, soon());
  expect(heard).toEqual([
    ['redelivered', [trace]],
    ['completed', 1],
  ]);
});

it('hears nothing of rows whose sink is away', async () => {
  const { ports, heard, soon } = makeScene(['search:primary'], async () => {
    throw new DependencyUnavailable('search:primary', new Error());
  });
  await makeOutboxWorker(ports)('c0', topology, soon());
  expect(heard).toEqual([]);
});

it.each([
  ['done', async () => topology],
  [
    'unavailable',
    async () => {
      throw new DependencyUnavailable('parameters', new Error());
    },
  ],
] as const)('hears that a round of a duty ended as %s', async (outcome, current) => {
  const { ports, heard } = makeScene([], async () => 'put');
  const relay = makeRelay({ ...ports, centreState: { ...ports.centreState, current } });
  await relay.run({ atMonotonicMs: ports.clock.monotonicMs() + 1 });
  expect(heard).toContainEqual(['outbox c0', outcome]);
});
