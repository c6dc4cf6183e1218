/**
 * Reading a member's life. The writer is asked first: what it says is complete. While it is away the replicas are, one
 * after the other; what they say may lack the newest entries, and the answer names its source.
 */
import { type Clock, type Deadline, within } from '../kernel/clock.ts';
import { DependencyUnavailable, orNull } from '../kernel/invariant.ts';
import { type PastChange, pastChangeOf } from './history.ts';
import type { HistoryRow, HistorySource } from './ports.ts';

export interface HistoryPage {
  /** The source's name. */
  readonly source: string;
  /** Whether the source is the writer: only then are the newest entries sure to be among them. */
  readonly isFinal: boolean;
  /** Oldest first. Empty for a member that was never registered. */
  readonly changes: readonly PastChange[];
  /** Versions whose entries only newer code can read. */
  readonly unreadable: readonly number[];
  /** What to ask for after this page; null when there is nothing more. */
  readonly nextAfter: number | null;
}

export interface HistoryReaderPorts {
  readonly writer: HistorySource;
  /** Of the own centre first. */
  readonly replicas: readonly HistorySource[];
  readonly clock: Clock;
}

/** The most entries that one statement answers with. */
const rowsMax = 200;
/** What each source may take: one that hangs leaves time for those after it. */
const sourceMs = 5_000;

/** @throws DependencyUnavailable when no source answers */
export type HistoryReader = (
  memberId: string,
  page: { readonly afterVersion: number; readonly limit: number },
  deadline: Deadline,
) => Promise<HistoryPage>;

export function makeHistoryReader({ writer, replicas, clock }: HistoryReaderPorts): HistoryReader {
  return async (memberId, { afterVersion, limit }, deadline) => {
    /** One more than asked for, which tells whether there is more. */
    const read = async (source: HistorySource): Promise<readonly HistoryRow[]> => {
      const rows: HistoryRow[] = [];
      const share = within(clock, deadline, sourceMs);
      for (;;) {
        const wanted = Math.min(rowsMax, limit + 1 - rows.length);
        const page = await source.rows(memberId, rows.at(-1)?.version ?? afterVersion, wanted, share);
        rows.push(...page);
        if (page.length < wanted || rows.length > limit) return rows;
      }
    };
    for (const source of [writer, ...replicas]) {
      const rows = await orNull(read(source));
      if (rows === null) continue;
      const shown = rows.slice(0, limit);
      const told = shown.map(({ version, entry }) => ({ version, change: pastChangeOf(version, entry) }));
      return {
        source: source.name,
        isFinal: source === writer,
        changes: told.flatMap(({ change }) => change ?? []),
        unreadable: told.filter(({ change }) => change === null).map(({ version }) => version),
        nextAfter: rows.length > limit ? (shown.at(-1)?.version ?? null) : null,
      };
    }
    throw new DependencyUnavailable('history', new Error('neither the writer nor a replica answers'));
  };
}
