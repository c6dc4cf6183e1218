/**
 * A run: members from a source, batch by batch, until each is registered or rejected.
 *
 * A few batches are under way at once. None begins while one before it is undecided about an identifier that it has too,
 * so that of two members with the same identifier the first one of the source gets it. What could not be decided is asked
 * again; a run gives up when nothing is decided for a while. Whatever ends it, the same run may be begun again.
 */
import type { Clock } from '../../functions/core/kernel/clock.ts';
import { canonical, type IdentifierField } from '../../functions/core/member/identifiers.ts';
import {
  type ImportEntry,
  type ImportOutcome,
  isDecided,
  type MemberImporter,
} from '../../functions/core/member/importer.ts';
import type { Fault } from '../../functions/runtime/api/problems.ts';

/** One of the source: a member to register, or what is wrong with it. */
export type Item = {
  readonly line: number /** How much of the source ends with it, 0 to 1. */;
  readonly done: number;
} & (
  | { readonly entry: ImportEntry; pathOf(field: IdentifierField): string }
  | { readonly rejection: Rejection }
);

/** Why a line is not in. Never with a value of it. */
export interface Rejection {
  readonly code: string;
  readonly errors: readonly Fault[];
}

export interface Tally {
  /** Acknowledged, with everything in both centres. */
  registered: number;
  rejected: number;
}

export interface RunPorts {
  readonly source: AsyncIterable<Item> | Iterable<Item>;
  readonly importer: MemberImporter;
  /** How many rows the longest outbox has. */
  readonly outboxLength: () => Promise<number>;
  readonly clock: Clock;
  readonly reject: (line: number, rejection: Rejection) => Promise<void> | void;
  /** Called often. */
  readonly onProgress: (tally: Tally, done: number, note: string) => void;
  /** Ends the run once it is aborted: nothing new is begun, what is under way comes to its end. */
  readonly signal: AbortSignal;
}

export type RunOutcome = Tally & { readonly isComplete: boolean };

/** Nothing was decided for a while. Its message says who did not answer. */
export class RunStopped extends Error {
  readonly code = 'run-stopped';
}

/** The seeder waits while an outbox is longer: rows must go as fast as they come. */
const outboxLengthMax = 4_000;
const pollMs = 100;
const retryMs = 500;
const patienceMs = 60_000;

const batchesAtOnce = 2;
/** Larger batches cost less a member, as long as they stay well within the time that a batch has. */
const batchSizes = { first: 100, min: 20, max: 500 } as const;
const batchGoalMs = 2_000;

/** The size of batches, made to fit the time that they take. */
function makeBatchSize() {
  let size: number = batchSizes.first;
  return {
    now: (): number => size,
    took(members: number, ms: number): void {
      // Of a few left over nothing is learnt; and no more than twice as many at a time, nor less than a quarter.
      if (members * 2 < size) return;
      const fitting = size * Math.min(2, Math.max(0.25, batchGoalMs / Math.max(ms, 1)));
      size = Math.round(Math.min(batchSizes.max, Math.max(batchSizes.min, fitting)));
    },
  };
}

interface Batch {
  readonly identifiers: ReadonlySet<string>;
  readonly decided: Promise<void>;
}

/** @throws RunStopped */
export async function run(ports: RunPorts): Promise<RunOutcome> {
  const { clock, signal, onProgress } = ports;
  const batchSize = makeBatchSize();
  const tally: Tally = { registered: 0, rejected: 0 };
  const underWay = new Set<Batch>();
  let failure: unknown;
  let done = 0;
  /** Lines are reported in their order, whichever batch comes first. */
  let reported: Promise<void> = Promise.resolve();

  const begin = (items: readonly Item[], identifiers: ReadonlySet<string>): void => {
    const beganMs = clock.monotonicMs();
    const outcomes = decideAll(items, ports).finally(() =>
      batchSize.took(items.length, clock.monotonicMs() - beganMs),
    );
    const before = reported;
    reported = Promise.all([outcomes, before]).then(async ([rejections]) => {
      for (const [item, rejection] of rejections) {
        if (rejection === null) tally.registered++;
        else {
          await ports.reject(item.line, rejection);
          tally.rejected++;
        }
      }
      done = items.at(-1)?.done ?? done;
      onProgress(tally, done, '');
    });
    const batch: Batch = {
      identifiers,
      decided: reported.catch((error) => {
        failure ??= error;
      }),
    };
    underWay.add(batch);
    void batch.decided.then(() => underWay.delete(batch));
  };

  const roomFor = async (identifiers: ReadonlySet<string>): Promise<void> => {
    const conflicts = (batch: Batch): boolean =>
      [...identifiers].some((identifier) => batch.identifiers.has(identifier));
    while (failure === undefined && (underWay.size >= batchesAtOnce || [...underWay].some(conflicts))) {
      await Promise.race([...underWay].map(({ decided }) => decided));
    }
    for (let length = await ports.outboxLength(); length > outboxLengthMax; ) {
      if (failure !== undefined || signal.aborted) return;
      onProgress(tally, done, `waiting for the relay: ${length} changes are on their way`);
      await clock.sleep(pollMs);
      length = await ports.outboxLength();
    }
  };

  let isComplete = true;
  for await (const items of inBatches(ports.source, batchSize.now)) {
    const identifiers = new Set(items.flatMap(identifiersOf));
    await roomFor(identifiers);
    if (failure !== undefined || signal.aborted) {
      isComplete = false;
      break;
    }
    begin(items, identifiers);
  }
  while (underWay.size > 0) await Promise.all([...underWay].map(({ decided }) => decided));
  if (failure !== undefined) throw failure;
  return { ...tally, isComplete };
}

const identifiersOf = (item: Item): readonly string[] =>
  'entry' in item ? item.entry.input.identifiers.map(canonical) : [];

async function* inBatches(source: RunPorts['source'], size: () => number): AsyncGenerator<readonly Item[]> {
  let batch: Item[] = [];
  for await (const item of source) {
    batch.push(item);
    if (batch.length >= size()) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

/** Every item with why it is rejected, or null: it is registered. Asks for as long as that takes, within patience. */
async function decideAll(
  items: readonly Item[],
  { importer, clock }: RunPorts,
): Promise<readonly (readonly [Item, Rejection | null])[]> {
  const decided = new Map<Item, Rejection | null>();
  let open: (Item & { readonly entry: ImportEntry })[] = [];
  for (const item of items) {
    if ('entry' in item) open.push(item as Item & { readonly entry: ImportEntry });
    else decided.set(item, item.rejection);
  }
  for (let quietSinceMs = clock.monotonicMs(); open.length > 0; ) {
    const outcomes = await importer(open.map(({ entry }) => entry));
    const left: typeof open = [];
    let why = '';
    for (const [index, item] of open.entries()) {
      const outcome = outcomes[index];
      const rejection = outcome && rejectionOf(item, outcome);
      if (rejection !== undefined) decided.set(item, rejection);
      else {
        left.push(item);
        why = outcome?.kind === 'unanswered' ? `${outcome.part} does not answer` : why;
      }
    }
    const nowMs = clock.monotonicMs();
    if (left.length < open.length) quietSinceMs = nowMs;
    open = left;
    if (open.length === 0) break;
    if (nowMs - quietSinceMs > patienceMs) {
      throw new RunStopped(
        `Line ${open[0]?.line} and others cannot be registered: ${why || 'the service is busy'}.`,
      );
    }
    await clock.sleep(retryMs);
  }
  return items.map((item) => [item, decided.get(item) ?? null] as const);
}

/** Why an item is rejected, null when it is registered for good, undefined when that is not known yet. */
function rejectionOf(item: Item, outcome: ImportOutcome): Rejection | null | undefined {
  if (!isDecided(outcome)) return undefined;
  switch (outcome.kind) {
    case 'done':
      // One centre's receipt is none here: asked again, the request is brought to the other one.
      return outcome.receipt.durability === 'both-centres' ? null : undefined;
    case 'identifier-bound': {
      const pathOf = 'pathOf' in item ? item.pathOf : String;
      const errors = outcome.fields.map((field) => ({ path: pathOf(field), message: 'is bound already' }));
      return { code: 'identifier-bound', errors };
    }
    case 'key-reused':
      return { code: 'idempotency-key-reused', errors: [] };
    default:
      throw new Error(`a registration cannot end as ${outcome.kind}`);
  }
}
