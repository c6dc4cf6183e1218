/**
 * What the relay tells of itself: one line, and metrics record, each `reportEveryMs`. What it did since the last
 * one, what it asked its dependencies for, and how far behind everything is. Overlapping relays both report: read these
 * metrics by their maximum, never by their sum.
 */
import { type Clock, type Deadline, deadlineAfter, remainingMs } from '../../core/kernel/clock.ts';
import { orNull } from '../../core/kernel/invariant.ts';
import type { CentreName, OutboxRow } from '../../core/propagation/event.ts';
import type { Gauges } from '../../core/propagation/gauges.ts';
import type { RelayNotice } from '../../core/propagation/relay.ts';
import type { RelayObserver } from '../../core/propagation/relay-observer.ts';
import { parseTraceParent } from '../../core/propagation/trace.ts';
import type { Log } from '../telemetry.ts';
import { addDependencies, dependencyMetrics } from './dependency-members.ts';
import { type Metric, metricsOf, valuesMax } from './emf.ts';
import type { Meter } from './meter.ts';

export interface RelayReport {
  readonly observer: RelayObserver;
  /** A line at once: it must not wait for the next report, nor be lost with the relay. */
  notice(notice: RelayNotice): void;
  /** Reports at its pace until `endsAt`. Never throws for a part that is away. */
  run(endsAt: Deadline): Promise<void>;
}

export interface RelayReportPorts {
  readonly centre: CentreName;
  readonly gauges: (deadline: Deadline) => Promise<Gauges>;
  readonly meter: Pick<Meter, 'reset' | 'readings'>;
  readonly log: Log;
  readonly clock: Clock;
}

const reportEveryMs = 10_000;
const gaugesMs = 2_000;
/** How many traces of rows that the relay finished are named: enough to find the requests that began them. */
const linksMax = 20;

const noticeMetrics = metricsOf({
  dimensions: ['operation', 'notice'],
  metrics: [{ name: 'entries', unit: 'Count' }],
});

const counts = [
  'rounds',
  'roundsFailed',
  'rowsRedelivered',
  'rowsCompleted',
  'slotsCompared',
  'differing',
  'mended',
  'touched',
  'notMended',
] as const;

export function makeRelayReport(ports: RelayReportPorts): RelayReport {
  const { centre, gauges, meter, log, clock } = ports;
  const nothing = () => ({
    rounds: 0,
    roundsFailed: 0,
    failedDuties: {} as Record<string, number>,
    rowsRedelivered: 0,
    rowsCompleted: 0,
    slotsCompared: 0,
    differing: 0,
    mended: 0,
    touched: 0,
    notMended: 0,
    differingIn: {} as Record<string, number>,
    links: new Map<string, { readonly trace_id: string; readonly span_id: string }>(),
  });
  let since = nothing();

  const observer: RelayObserver = {
    round(duty, outcome) {
      since.rounds++;
      if (outcome === 'done') return;
      since.roundsFailed++;
      since.failedDuties[duty] = (since.failedDuties[duty] ?? 0) + 1;
    },
    redelivered(rows: readonly OutboxRow[]) {
      since.rowsRedelivered += rows.length;
      for (const { event } of rows) {
        const trace = parseTraceParent(event.trace);
        if (trace && since.links.size < linksMax)
          since.links.set(trace.spanId, { trace_id: trace.traceId, span_id: trace.spanId });
      }
    },
    completed(rows) {
      since.rowsCompleted += rows;
    },
    compared(sink, slots, { differing, mended, touched, failed }) {
      since.slotsCompared += slots;
      since.differing += differing;
      since.mended += mended;
      since.touched += touched;
      since.notMended += failed;
      if (differing > 0) since.differingIn[sink] = (since.differingIn[sink] ?? 0) + differing;
    },
  };

  const report = async (): Promise<void> => {
    const standing = await orNull(gauges(deadlineAfter(clock, gaugesMs)));
    const { links, ...done } = since;
    since = nothing();
    const gauged = standing ? gaugeMembers(standing) : {};
    const line = {
      operation: 'relay-outbox',
      centre,
      outcome: standing ? 'ok' : 'no-state',
      ...done,
      links: links.size > 0 ? [...links.values()] : undefined,
      ...gauged,
      ...standing,
    };
    const readings = meter.readings();
    meter.reset();
    addDependencies(line, readings);
    const metrics: Metric[] = [
      ...counts.map((name): Metric => ({ name, unit: 'Count' })),
      ...Object.keys(gauged).map((name): Metric => ({ name, unit: unitOf(name) })),
      ...dependencyMetrics(readings),
    ];
    log(line, metricsOf({ dimensions: ['operation'], metrics }));
  };

  return {
    observer,
    notice: (notice) => log({ operation: 'relay-outbox', centre, ...notice }, noticeMetrics),
    async run(endsAt) {
      while (remainingMs(clock, endsAt) > 0) {
        const beganMs = clock.monotonicMs();
        await report();
        const restMs = reportEveryMs - (clock.monotonicMs() - beganMs);
        await clock.sleep(Math.min(Math.max(restMs, 0), remainingMs(clock, endsAt)));
      }
    },
  };
}

type GaugeMembers = Readonly<Record<string, number | readonly number[]>>;

/** The gauges as metrics: of what there are several, one value each, so that the maximum is the worst of them. */
function gaugeMembers({ databases, redis, queue, search, suspendedParts }: Gauges): GaugeMembers {
  const ofDatabases = Object.values(databases);
  const ofRedis = Object.values(redis);
  const lags = ofDatabases.flatMap(({ lagMs }) => Object.values(lagMs));
  const grantsWanted = ofRedis.length * ofDatabases.length;
  const members: Record<string, number | readonly number[]> = {
    searchNotRead: Object.values(search).filter((state) => state !== 'closed' && state !== 'suspect').length,
    searchRecovering: Object.values(search).filter((state) => state === 'recovering').length,
    partsOut: suspendedParts.length,
    redisNotReady: ofRedis.filter(({ state }) => state !== 'ready').length,
    redisSuspended: ofRedis.filter(({ suspendedFor }) => suspendedFor.length > 0).length,
    grantsMissing: grantsWanted - ofRedis.reduce((held, { grants }) => held + grants.length, 0),
    gaugesMissing: [
      ...ofDatabases.flatMap(({ outbox, journal, leaseMs }) => [outbox, journal, leaseMs]),
      ...lags,
      queue,
    ].filter((reading) => reading === null).length,
  };
  const several = (name: string, values: readonly (number | null | undefined)[]): void => {
    const known = values.filter((value) => typeof value === 'number');
    if (known.length > 0) members[name] = known.sort((one, other) => other - one).slice(0, valuesMax);
  };
  several(
    'outboxRows',
    ofDatabases.map(({ outbox }) => outbox?.waiting),
  );
  several(
    'outboxAgeMs',
    ofDatabases.map(({ outbox }) => outbox?.oldestMs),
  );
  several(
    'journalRows',
    ofDatabases.map(({ journal }) => journal?.waiting),
  );
  several(
    'journalAgeMs',
    ofDatabases.map(({ journal }) => journal?.oldestMs),
  );
  several('replicaLagMs', lags);
  // The shortest lease is what matters: it comes first.
  const leases = ofDatabases.flatMap(({ leaseMs }) => (typeof leaseMs === 'number' ? [leaseMs] : []));
  if (leases.length > 0) members.writeLeaseMs = leases.sort((one, other) => one - other).slice(0, valuesMax);
  if (queue) {
    members.queueMessages = queue.waiting;
    members.queueUnderWay = queue.underWay;
    members.deadLetters = queue.dead;
  }
  return members;
}

const unitOf = (name: string): Metric['unit'] => (name.endsWith('Ms') ? 'Milliseconds' : 'Count');
