/** Registers the drill's members by the seeder's runner, and enters them into the record and the history. */
import { deadlineAfter } from '../../../functions/core/kernel/clock.ts';
import type { Identifier } from '../../../functions/core/member/identifiers.ts';
import { type MemberImporter, makeMemberImporter } from '../../../functions/core/member/importer.ts';
import type { Receipt } from '../../../functions/core/member/member.ts';
import type { HistoryEntry } from '../../judge/history.ts';
import { nameOf, type Seat } from '../../load/population.ts';
import type { Occupied } from '../../load/programs.ts';
import type { WriteRecord } from '../../load/record.ts';
import type { operatorParts } from '../../operator.ts';
import { makeRequestOf } from '../../seed/request.ts';
import { type Item, run } from '../../seed/run.ts';
import type { HashIdentifier } from './entries.ts';

const lengthWithinMs = 5_000;

export interface SeedingPorts {
  readonly parts: ReturnType<typeof operatorParts>;
  readonly record: WriteRecord;
  readonly hash: HashIdentifier;
  readonly history: (entry: HistoryEntry) => void;
  readonly onProgress: (line: string) => void;
  readonly signal: AbortSignal;
}

/** @throws Error when one of them cannot be registered */
export async function seedMembers(seats: readonly Seat[], ports: SeedingPorts): Promise<readonly Occupied[]> {
  const { parts, record, hash, history, onProgress, signal } = ports;
  const { stores, clock, sharding } = parts;
  const requestOf = makeRequestOf(parts.requestHasher);
  const receipts = new Map<string, Receipt>();
  const importer = makeMemberImporter({ ...parts, ...stores });
  const noting: MemberImporter = async (entries) => {
    const outcomes = await importer(entries);
    for (const [index, outcome] of outcomes.entries()) {
      const key = entries[index]?.request.idempotencyKey ?? '';
      if (outcome.kind === 'done') receipts.set(key, outcome.receipt);
    }
    return outcomes;
  };
  const source = function* (): Generator<Item> {
    for (const seat of seats) {
      const input = { name: nameOf(seat, 0), identifiers: Object.entries(seat.holdings).map(identifierIn) };
      const request = requestOf('drill', seat.index, input);
      yield {
        line: seat.index,
        done: (seat.index + 1) / seats.length,
        entry: { input, request },
        pathOf: String,
      };
    }
  };
  const startMs = performance.now();
  let toldAtMs = startMs;
  const outcome = await run({
    source: source(),
    importer: noting,
    clock,
    async outboxLength() {
      const deadline = deadlineAfter(clock, lengthWithinMs);
      const lengths = sharding.clusters.map((cluster) => stores.outbox.length(cluster, deadline));
      return Math.max(...(await Promise.all(lengths)));
    },
    reject: (line, { code }) => {
      throw new Error(`Member ${line} cannot be registered: ${code}. Was this home used before?`);
    },
    onProgress({ registered }) {
      if (performance.now() - toldAtMs < 5_000) return;
      toldAtMs = performance.now();
      onProgress(`${registered} members`);
    },
    signal,
  });
  if (!outcome.isComplete) throw new Error('The seeding was stopped.');

  return seats.map((seat): Occupied => {
    const content = { name: nameOf(seat, 0), level: 0, holdings: seat.holdings };
    const { idempotencyKey } = requestOf('drill', seat.index, { name: '', identifiers: [] });
    const receipt = receipts.get(idempotencyKey);
    if (!receipt) throw new Error(`There is no receipt for member ${seat.index}.`);
    const { log, write } = record.beginRegistration(content);
    record.acknowledge(log, write, receipt);
    history({
      process: 'seed',
      op: 'register',
      centre: 'A',
      start: Math.floor(startMs * 1e6),
      end: Math.ceil(performance.now() * 1e6),
      memberId: receipt.memberId,
      identifier: null,
      input: {
        key: idempotencyKey,
        identifiers: Object.entries(seat.holdings).map(([kind, value]) => hash(kind, value)),
      },
      status: 201,
      version: receipt.version,
      durability: receipt.durability,
      freshness: null,
      source: null,
    });
    return { seat, log, former: [], generation: 0, taken: false };
  });
}

/** An identifier by the name of its field. */
export function identifierIn([field, value]: [string, string]): Identifier {
  const [kind, platform] = field.split(':');
  if (kind === 'account') return { kind, platform: platform ?? '', value };
  return { kind: kind as 'phone' | 'unionId' | 'cardNo', value };
}
