/** Acknowledged writes that are not in the database (I3), by receipt. */
import { deadlineAfter } from '../../../functions/core/kernel/clock.ts';
import type { HistoryEntry } from '../../judge/history.ts';
import type { operatorParts } from '../../operator.ts';
import { inParallel, type Truth } from './truth.ts';

type Parts = Pick<ReturnType<typeof operatorParts>, 'history' | 'clock'>;

const readWithinMs = 10_000;
const readsAtOnce = 8;
const changesMax = 1_000;

/** A receipt that promised both centres, of the history. */
const isPromised = ({ durability, status, version }: HistoryEntry): boolean =>
  durability === 'both-centres' && status !== 'timeout' && status < 300 && version !== null;

/**
 * The receipts whose change is not in the database. A member that stands exactly where its only receipt says needs no
 * question; of the others the whole life is read.
 */
export async function lostOf(
  history: readonly HistoryEntry[],
  truth: Truth,
  { history: read, clock }: Parts,
): Promise<readonly HistoryEntry[]> {
  const receipts = new Map<string, HistoryEntry[]>();
  for (const entry of history.filter(isPromised)) {
    const memberId = entry.memberId ?? '';
    const known = receipts.get(memberId);
    if (known) known.push(entry);
    else receipts.set(memberId, [entry]);
  }
  const lost: HistoryEntry[] = [];
  const asked: [string, readonly HistoryEntry[]][] = [];
  for (const [memberId, mine] of receipts) {
    const at = truth.stored.get(memberId)?.version;
    if (mine.some(({ version }) => version !== at)) asked.push([memberId, mine]);
  }
  await inParallel(asked, readsAtOnce, async ([memberId, mine]) => {
    const page = await read(
      memberId,
      { afterVersion: 0, limit: changesMax },
      deadlineAfter(clock, readWithinMs),
    );
    const versions = new Set([...page.changes.map(({ version }) => version), ...page.unreadable]);
    lost.push(...mine.filter(({ version }) => !versions.has(version ?? 0)));
  });
  return lost;
}
