/** What is said of one centre, row by row, and what is highlighted. */
import type { CentreName } from '../../functions/core/propagation/event.ts';
import type { DatabaseGauges, RedisGauges } from '../../functions/core/propagation/gauges.ts';
import type { RelaySeen } from './log-lines.ts';
import type { Style } from './style.ts';
import { type CentrePicture, type Flow, kinds, lanes } from './window.ts';

type Segment = readonly [text: string, look?: keyof Style | undefined];
export type Row = readonly Segment[];

const labelWidth = 16;
const measures = ['req/s', 'p50', 'p99'] as const;
/** `bound` is `bounded`: the columns are narrow. */
const shares = ['hit', 'fresh', 'bound', 'stale'] as const;

/** A relay that says nothing for longer is not running, or cannot be heard. */
const relayOverdueMs = 25_000;
const lagBadMs = 2_000;
const ageBadMs = 15_000;
const failedBad = 0.001;

export function rowsOf(centre: CentreName, picture: CentrePicture, nowMs: number): readonly Row[] {
  const { lastLineAtMs } = picture;
  const heard =
    lastLineAtMs === null ? 'no line yet' : `last line ${span(Math.max(0, nowMs - lastLineAtMs))} ago`;
  return [
    [
      [`Centre ${centre}`, 'strong'],
      [`  ${heard}`, 'faint'],
    ],
    [[''.padEnd(labelWidth) + measures.map(cell).join('') + shares.map(narrow).join(''), 'faint']],
    ...lanes.flatMap((lane) =>
      kinds
        .filter((kind) => kind !== 'batch' || picture.lanes[lane]?.batch.requests)
        .map((kind) => flowRow(`${lane} ${kind}`, picture.lanes[lane]?.[kind])),
    ),
    outcomeRow(picture),
    errorRow(picture),
    ...queueRows(picture),
    ...relayRows(picture.relay, nowMs),
  ];
}

function flowRow(name: string, flow: Flow | undefined): Row {
  const label: Segment = [name.padEnd(labelWidth)];
  if (!flow || flow.requests === 0) return [label, [cell('0'), 'faint']];
  const { perSecond, p50Ms, p99Ms, hitRate, freshness } = flow;
  const freshnessShares: readonly Segment[] = freshness
    ? [
        [narrow(percent(freshness.fresh ?? 0))],
        [narrow(percent(freshness.bounded ?? 0)), freshness.bounded ? 'warn' : undefined],
        [narrow(percent(freshness.stale ?? 0)), freshness.stale ? 'bad' : undefined],
      ]
    : [];
  return [
    label,
    [cell(perSecond.toFixed(perSecond < 1_000 ? 1 : 0))],
    [cell(span(p50Ms)) + cell(span(p99Ms)) + narrow(hitRate === null ? '' : percent(hitRate))],
    ...freshnessShares,
  ];
}

function outcomeRow({ lanes: byLane }: CentrePicture): Row {
  const total = { ok: 0, refused: 0, failed: 0 };
  for (const flow of Object.values(byLane).flatMap((kinds) => Object.values(kinds))) {
    for (const name of ['ok', 'refused', 'failed'] as const) total[name] += flow.outcomes[name];
  }
  const all = total.ok + total.refused + total.failed;
  if (all === 0) return row('outcomes', none);
  const share = (name: keyof typeof total): string => `${name} ${percent(total[name] / all)}`;
  const isBad = total.failed / all > failedBad;
  return row('outcomes', [share('ok')], [share('refused')], [share('failed'), isBad ? 'bad' : undefined]);
}

const none: Segment = ['none', 'faint'];
const errorsShown = 3;
const dutiesShown = 2;
const replicasInRow = 2;

function errorRow({ errors }: CentrePicture): Row {
  const found = Object.entries(errors).slice(0, errorsShown);
  return row('errors', ...(found.length > 0 ? found.map((each): Segment => [each.join(' ')]) : [none]));
}

function queueRows({ queue, relay }: CentrePicture): readonly Row[] {
  const depth = relay?.queue;
  const counts: readonly Segment[] = depth
    ? [
        [`${depth.waiting} waiting`],
        [`${depth.underWay} under way`],
        [`${depth.dead} dead`, depth.dead > 0 ? 'bad' : undefined],
      ]
    : [['not counted', 'warn']];
  const isOld = (queue.ageMaxMs ?? 0) > ageBadMs;
  const age: readonly Segment[] =
    queue.ageMaxMs === null
      ? [none]
      : [[`p50 ${span(queue.ageP50Ms)}`], [`max ${span(queue.ageMaxMs)}`, isOld ? 'bad' : undefined]];
  const failed: Segment = [queue.failed > 0 ? `${queue.failed} failed` : '', 'bad'];
  return [
    row('queue', ...counts),
    row('messages taken', [`${queue.messages}`], failed),
    row('their age', ...age),
  ];
}

function relayRows(relay: RelaySeen | null, nowMs: number): readonly Row[] {
  if (!relay) return [row('relay', ['no report yet', 'warn'])];
  const agoMs = Math.max(0, nowMs - relay.atMs);
  const heard: Segment = [`reported ${span(agoMs)} ago`, agoMs > relayOverdueMs ? 'bad' : undefined];
  const redelivered: Segment = [relay.rowsRedelivered > 0 ? `redelivered ${relay.rowsRedelivered}` : ''];
  const duties = Object.entries(relay.failedDuties).slice(0, dutiesShown);
  const rows = [row('relay', heard, redelivered)];
  if (duties.length > 0)
    rows.push(row('failed rounds', ...duties.map((each): Segment => [each.join(' '), 'warn'])));
  if (relay.databases === undefined || relay.redis === undefined) {
    return [...rows, row('gauges', ["the centre's state could not be read", 'bad'])];
  }
  const out = relay.suspendedParts ?? [];
  return [
    ...rows,
    ...backlogRows('outbox', relay.databases, ({ outbox }) => outbox),
    ...backlogRows('journal', relay.databases, ({ journal }) => journal),
    ...leaseRows(relay.databases),
    ...lagRows(relay.databases),
    ...redisRows(relay.redis, Object.keys(relay.databases).length),
    row('out of use', ...(out.length > 0 ? out.map((part): Segment => [part, 'warn']) : [none])),
  ];
}

type Databases = Readonly<Record<string, DatabaseGauges>>;

function backlogRows(
  name: string,
  databases: Databases,
  of: (gauges: DatabaseGauges) => DatabaseGauges['outbox'],
): readonly Row[] {
  const here = Object.entries(databases).filter(([, gauges]) => of(gauges) !== undefined);
  if (here.length === 0) return [];
  const segments = here.map(([cluster, gauges]): Segment => {
    const backlog = of(gauges);
    if (!backlog) return [`${cluster} ?`, 'bad'];
    const look = backlog.oldestMs > ageBadMs ? 'bad' : undefined;
    const age = backlog.waiting > 0 ? `, ${span(backlog.oldestMs)} old` : '';
    return [`${cluster} ${backlog.waiting}${age}`, look];
  });
  return [row(name, ...segments)];
}

function leaseRows(databases: Databases): readonly Row[] {
  const here = Object.entries(databases).filter(([, { leaseMs }]) => leaseMs !== undefined);
  if (here.length === 0) return [];
  const segments = here.map(
    ([cluster, { leaseMs = null }]): Segment => [`${cluster} ${span(leaseMs)}`, leaseMs ? undefined : 'bad'],
  );
  return [row('write lease', ...segments)];
}

function lagRows(databases: Databases): readonly Row[] {
  const byReplica = new Map<string, readonly (number | null)[]>();
  for (const { lagMs } of Object.values(databases)) {
    for (const [replica, lag] of Object.entries(lagMs))
      byReplica.set(replica, [...(byReplica.get(replica) ?? []), lag]);
  }
  if (byReplica.size === 0) return [];
  const segments = [...byReplica].map(([replica, lags]): Segment => {
    if (lags.includes(null)) return [`${replica} ?`, 'bad'];
    const worstMs = Math.max(...lags.map((lag) => lag ?? 0));
    return [`${replica} ${span(worstMs)}`, worstMs > lagBadMs ? 'bad' : undefined];
  });
  const rows = Math.ceil(segments.length / replicasInRow);
  return Array.from({ length: rows }, (_, index) =>
    row(
      index === 0 ? 'replica lag' : '',
      ...segments.slice(index * replicasInRow, (index + 1) * replicasInRow),
    ),
  );
}

function redisRows(redis: Readonly<Record<string, RedisGauges>>, grantsWanted: number): readonly Row[] {
  return Object.entries(redis).map(([name, { state, grants, suspendedFor }]) => {
    const isWell = state === 'ready' && grants.length === grantsWanted && suspendedFor.length === 0;
    const suspended = suspendedFor.length > 0 ? `  suspended for ${suspendedFor.join(', ')}` : '';
    const text = `${state}  grants ${grants.length} of ${grantsWanted}${suspended}`;
    return row(name, [text, isWell ? undefined : 'bad']);
  });
}

const row = (label: string, ...segments: readonly Segment[]): Row => [
  [label.padEnd(labelWidth), 'faint'],
  ...segments
    .filter(([text]) => text !== '')
    .flatMap((segment, index) => (index > 0 ? [between, segment] : [segment])),
];

const between: Segment = ['  '];

const cell = (text: string): string => text.padStart(7);
const narrow = (text: string): string => text.padStart(6);
const percent = (share: number): string => `${(share * 100).toFixed(share > 0 && share < 1 ? 1 : 0)}%`;

/** A duration as short as it can be read. */
function span(ms: number | null): string {
  if (ms === null) return '-';
  if (ms < 10) return `${ms.toFixed(2)}ms`;
  if (ms < 1_000) return `${Math.round(ms)}ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)}s`;
  return `${Math.round(ms / 60_000)}min`;
}
