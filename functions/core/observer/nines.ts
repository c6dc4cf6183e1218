/** Counting verdicts, and consistency in nines. */
import type { CentreName } from '../propagation/event.ts';
import type { Verdict } from './judgement.ts';

export interface Line {
  readonly delayMs: number;
  readonly centre: CentreName;
  readonly counts: Readonly<Record<Verdict, number>>;
  /** Of answers that knew of the write or said that they might not: `missed` are those that counted against it. */
  readonly nines: number | null;
  /** Of answers that knew of the write: labelled ones count against it as well. */
  readonly ninesKnowing: number | null;
}

/** A line for each delay and centre. */
export type Report = readonly Line[];

/**
 * `-log10(failed / all)`, rounded down to a tenth: 3 is 99.9 %. Without a failure it is what `all` answers can show at
 * least: as if one more had failed. Null when there was nothing to judge.
 */
export function nines(failed: number, all: number): number | null {
  if (all === 0) return null;
  const share = failed === 0 ? 1 / (all + 1) : failed / all;
  return Math.floor(-Math.log10(share) * 10 + 1e-9) / 10;
}

export function makeTally(delaysMs: readonly number[], centres: readonly CentreName[]) {
  const keyOf = (delayMs: number, centre: CentreName): string => `${delayMs} ${centre}`;
  const none = (): Record<Verdict, number> => ({
    consistent: 0,
    labelled: 0,
    missed: 0,
    overtaken: 0,
    unanswered: 0,
  });
  const all = new Map<string, Record<Verdict, number>>();

  return {
    count(delayMs: number, centre: CentreName, verdict: Verdict): void {
      const counts = all.get(keyOf(delayMs, centre)) ?? none();
      counts[verdict] += 1;
      all.set(keyOf(delayMs, centre), counts);
    },
    /** What was counted since the last time. */
    take(): Report {
      const report = delaysMs.flatMap((delayMs) =>
        centres.map((centre): Line => {
          const counts = all.get(keyOf(delayMs, centre)) ?? none();
          const judged = counts.consistent + counts.labelled + counts.missed;
          return {
            delayMs,
            centre,
            counts,
            nines: nines(counts.missed, judged),
            ninesKnowing: nines(counts.missed + counts.labelled, judged),
          };
        }),
      );
      all.clear();
      return report;
    },
  };
}
