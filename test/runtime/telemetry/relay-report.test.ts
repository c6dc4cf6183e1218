import { beforeEach, describe, expect, it } from 'vitest';
import { makeMemoryClusterControl } from '../../../functions/adapters/memory/cluster-control.ts';
import { makeMemoryJournalAdapter } from '../../../functions/adapters/memory/journal.ts';
import { commitTo, makeMemoryCluster } from '../../../functions/adapters/memory/memory-cluster.ts';
import { makeMemoryJournal } from '../../../functions/adapters/memory/memory-journal.ts';
import { makeMemoryOutbox } from '../../../functions/adapters/memory/outbox.ts';
import { DependencyUnavailable } from '../../../functions/core/kernel/invariant.ts';
import type { CentreName, OutboxRow } from '../../../functions/core/propagation/event.ts';
import { type Gauges, makeGauges } from '../../../functions/core/propagation/gauges.ts';
import { lineOf } from '../../../functions/runtime/telemetry/emf.ts';
import { makeMeter } from '../../../functions/runtime/telemetry/meter.ts';
import { makeRelayReport } from '../../../functions/runtime/telemetry/relay-report.ts';
import { sampleEvent } from '../../adapters/sample-events.ts';
import { topology } from '../fake-parts.ts';
import { dimensionsOf, type EmfLine, metricsIn, validEmf } from './emf-check.ts';

let nowMs: number;
/** Sleeping takes no time of the test's. */
const clock = {
  nowMs: () => nowMs,
  monotonicMs: () => nowMs,
  sleep: async (ms: number) => {
    nowMs += ms;
  },
};
beforeEach(() => {
  nowMs = 1_000_000;
});

const away = async () => {
  throw new DependencyUnavailable('part', new Error());
};

describe('the gauges of a centre', () => {
  const read = async (
    centre: CentreName,
    parts: { readonly isRedisAway?: boolean } = {},
  ): Promise<Gauges> => {
    const clusters = {
      c0: makeMemoryCluster({ name: 'c0', clock, leaseMs: 4_000, replicas: ['b-0'] }),
      c1: makeMemoryCluster({ name: 'c1', clock, leaseMs: 4_000, replicas: ['b-0'] }),
    };
    const journal = makeMemoryJournal(clock, { epoch: 1, centre: 'A' });
    const inJournal = makeMemoryJournalAdapter({ name: 'journal', state: journal });
    const event = sampleEvent({ memberId: 'm', version: 1 });
    await inJournal.append('c1', event, { epoch: 1, centre: 'A' }, { atMonotonicMs: nowMs });
    commitTo(clusters.c0, ({ outbox, redisGrant }, committedAtMs) => {
      outbox.set(1, { sequence: 1, event, pending: [], committedAtMs });
      redisGrant.set('redis-0', { grantEndsMs: 0, suspended: true, reliedCount: 1 });
    });
    nowMs += 700;
    const { isRedisAway = false } = parts;
    const gauges = makeGauges({
      centre,
      databaseClusters: ['c0', 'c1'],
      control: makeMemoryClusterControl({ clusters }),
      outbox: makeMemoryOutbox({ clusters }),
      journal: inJournal,
      queue: { depth: async () => ({ waiting: 3, underWay: 1, dead: 2 }) },
      caches: [
        {
          name: 'redis-0',
          readiness: isRedisAway ? away : async () => ({ kind: 'ready', epoch: 1 }),
          grantAgesMs: isRedisAway ? away : async () => [null, 0],
        },
      ],
      replicas: centre === 'B' ? ['b-0'] : [],
      centreState: { current: async () => topology, saw() {}, async refresh() {} },
      breakers: () => ({ primary: { state: 'open', times: 0, version: 2 } }),
      searchClusters: ['primary', 'backup'],
      clock,
    });
    return gauges({ atMonotonicMs: nowMs + 1_000 });
  };

  it('that holds the writers tell of outboxes and leases', async () => {
    expect(await read('A')).toEqual({
      epoch: 1,
      writer: 'A',
      suspendedParts: [],
      databases: {
        c0: { outbox: { waiting: 1, oldestMs: 700 }, leaseMs: 3_300, lagMs: {} },
        c1: { outbox: { waiting: 0, oldestMs: 0 }, leaseMs: 3_300, lagMs: {} },
      },
      redis: { 'redis-0': { state: 'ready', grants: ['c1'], suspendedFor: ['c0'] } },
      queue: { waiting: 3, underWay: 1, dead: 2 },
      search: { primary: 'open', backup: 'closed' },
    });
  });

  it('that holds the replicas tell of their lag and the journal', async () => {
    const { databases } = await read('B');
    expect(databases).toEqual({
      c0: { journal: { waiting: 0, oldestMs: 0 }, lagMs: { 'b-0': 700 } },
      c1: { journal: { waiting: 1, oldestMs: 700 }, lagMs: { 'b-0': 700 } },
    });
  });

  it('tell of a Redis that does not answer', async () => {
    const { redis } = await read('A', { isRedisAway: true });
    expect(redis).toEqual({ 'redis-0': { state: 'away', grants: [], suspendedFor: ['c0'] } });
  });
});

const gauges: Gauges = {
  epoch: 3,
  writer: 'A',
  suspendedParts: ['backup'],
  databases: {
    c0: { outbox: { waiting: 7, oldestMs: 1_200 }, leaseMs: 3_000, lagMs: { 'b-0': 40, 'b-1': null } },
    c1: { outbox: { waiting: 0, oldestMs: 0 }, leaseMs: 2_000, lagMs: { 'b-0': 90, 'b-1': 10 } },
  },
  redis: {
    'redis-0': { state: 'ready', grants: ['c0', 'c1'], suspendedFor: [] },
    'redis-1': { state: 'preparing', grants: ['c1'], suspendedFor: ['c0'] },
  },
  queue: { waiting: 3, underWay: 1, dead: 2 },
  search: { primary: 'recovering', backup: 'suspect', marketing: 'open' },
};

function makeSubject(read: () => Promise<Gauges> = async () => gauges) {
  const written: string[] = [];
  const meter = makeMeter();
  const report = makeRelayReport({
    centre: 'A',
    gauges: read,
    meter,
    log: (line, metrics) => void written.push(lineOf(line, metrics, nowMs)),
    clock,
  });
  return { report, meter, records: (): readonly EmfLine[] => written.map(validEmf) };
}

const rowOf = (trace: string | undefined): OutboxRow => ({
  databaseCluster: 'c0',
  sequence: 1,
  event: { ...sampleEvent({ memberId: 'm', version: 1 }), ...(trace !== undefined && { trace }) },
  pending: [],
  olderRows: 0,
});

describe('the report of a relay', () => {
  it('is one record each ten seconds, and no more after the end', async () => {
    const { report, records } = makeSubject();
    const beganMs = nowMs;
    await report.run({ atMonotonicMs: nowMs + 25_000 });
    expect(nowMs).toBe(beganMs + 25_000);
    expect(records().map(({ _aws }) => _aws.Timestamp - beganMs)).toEqual([0, 10_000, 20_000]);
  });

  it('says how far behind everything is, the worst first', async () => {
    const { report, records } = makeSubject();
    await report.run({ atMonotonicMs: nowMs + 1 });
    const [record] = records();
    expect(record).toMatchObject({
      operation: 'relay-outbox',
      centre: 'A',
      outcome: 'ok',
      epoch: 3,
      outboxRows: [7, 0],
      outboxAgeMs: [1_200, 0],
      replicaLagMs: [90, 40, 10],
      writeLeaseMs: [2_000, 3_000],
      searchNotRead: 2,
      searchRecovering: 1,
      search: gauges.search,
      partsOut: 1,
      redisNotReady: 1,
      redisSuspended: 1,
      grantsMissing: 1,
      gaugesMissing: 1,
      queueMessages: 3,
      queueUnderWay: 1,
      deadLetters: 2,
      databases: gauges.databases,
      redis: gauges.redis,
      suspendedParts: ['backup'],
    });
    expect(record).not.toHaveProperty('journalRows');
    expect(record && dimensionsOf(record)).toEqual(['operation']);
    expect(record && metricsIn(record)).toMatchObject({
      outboxRows: 'Count',
      outboxAgeMs: 'Milliseconds',
      replicaLagMs: 'Milliseconds',
      writeLeaseMs: 'Milliseconds',
      deadLetters: 'Count',
      roundsFailed: 'Count',
    });
  });

  it('says what was done since the last one, and whose work it finished', async () => {
    const { report, meter, records } = makeSubject();
    const { observer } = report;
    const [traceId, spanId] = ['1'.repeat(32), '2'.repeat(16)];
    observer.round('beat c0', 'done');
    observer.round('lease c0', 'unavailable');
    observer.round('lease c0', 'unavailable');
    observer.redelivered([rowOf(`00-${traceId}-${spanId}-01`), rowOf(undefined), rowOf('none')]);
    observer.completed(5);
    observer.compared('search:backup', 64, { differing: 2, mended: 1, touched: 0, failed: 1 });
    observer.compared('search:primary', 32, { differing: 0, mended: 0, touched: 0, failed: 0 });
    await meter
      .timed('search', { put: away })
      .put()
      .catch(() => {});
    await report.run({ atMonotonicMs: nowMs + 10_001 });
    const [first, second] = records();
    expect(first).toMatchObject({
      rounds: 3,
      roundsFailed: 2,
      failedDuties: { 'lease c0': 2 },
      rowsRedelivered: 3,
      rowsCompleted: 5,
      slotsCompared: 96,
      differing: 2,
      mended: 1,
      touched: 0,
      notMended: 1,
      differingIn: { 'search:backup': 2 },
      links: [{ trace_id: traceId, span_id: spanId }],
      searchMs: expect.any(Number),
      searchFailures: 1,
    });
    expect(second).toMatchObject({ rounds: 0, roundsFailed: 0, rowsRedelivered: 0, rowsCompleted: 0 });
    expect(second).not.toHaveProperty('links');
    expect(second).not.toHaveProperty('searchMs');
  });

  it('names a bounded number of traces', async () => {
    const { report, records } = makeSubject();
    const spanOf = (index: number) => String(index + 1).padStart(16, '0');
    report.observer.redelivered(
      Array.from({ length: 500 }, (_, index) => rowOf(`00-${'1'.repeat(32)}-${spanOf(index)}-01`)),
    );
    await report.run({ atMonotonicMs: nowMs + 1 });
    expect(records()[0]?.links).toHaveLength(20);
  });

  it('keeps within what one metric may have of values', async () => {
    const databases = Object.fromEntries(
      Array.from({ length: 150 }, (_, index) => [
        `c${index}`,
        { outbox: { waiting: index, oldestMs: index }, leaseMs: 1, lagMs: { 'b-0': index, 'b-1': index } },
      ]),
    );
    const { report, records } = makeSubject(async () => ({ ...gauges, databases }));
    await report.run({ atMonotonicMs: nowMs + 1 });
    expect(records()[0]).toMatchObject({ outboxRows: expect.arrayContaining([149]) });
  });

  it('says at once what a person must look into', () => {
    const { report, records } = makeSubject();
    report.notice({ notice: 'journal-overdue', databaseCluster: 'c1', entries: 5 });
    const [record] = records();
    expect(record).toMatchObject({ operation: 'relay-outbox', notice: 'journal-overdue', entries: 5 });
    expect(record && dimensionsOf(record)).toEqual(['operation', 'notice']);
  });

  it('goes on without the state of the centre', async () => {
    const { report, records } = makeSubject(away);
    await report.run({ atMonotonicMs: nowMs + 10_001 });
    expect(records()).toMatchObject([{ outcome: 'no-state' }, { outcome: 'no-state' }]);
  });
});
