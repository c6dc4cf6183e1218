/** The figures of a drill as text. */
import type { Drilled } from '../judgement/judge-drill.ts';

const heads = ['', 'reads', 'failed', 'writes', 'failed', 'raw', 'gap ms', 'switch s', 'back s', 'labelled'];

export function tableOf({ scenarios, ...totals }: Drilled): string {
  const rows = scenarios.map((one) => [
    one.name,
    String(one.criticalReads.client.asked),
    String(one.criticalReads.client.failed),
    String(one.criticalWrites.client.asked),
    String(one.criticalWrites.client.failed),
    String(one.criticalReads.raw.failed + one.criticalWrites.raw.failed),
    String(Math.round(one.criticalReads.longestGapMs)),
    one.switchSeconds?.toFixed(2) ?? '',
    one.backSeconds?.toFixed(1) ?? 'not',
    String(one.staleLabelled),
  ]);
  const all = [heads, ...rows];
  const widths = heads.map((_, column) => Math.max(...all.map((cells) => cells[column]?.length ?? 0)));
  const lines = all.map((cells) =>
    cells
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  '),
  );
  return [
    ...lines,
    '',
    `${totals.requests} requests in ${totals.seconds} s; critical reads ${percent(totals.criticalReadAvailability)}, ` +
      `writes outside promotions ${percent(totals.writeAvailabilityOutsidePromotion)}`,
    `lost ${totals.lostAcknowledged}, silently stale ${totals.silentStale}, two owners ${totals.twoOwners}, ` +
      `diverged sinks ${totals.divergedSinks}, equal after ${totals.convergedSeconds ?? '-'} s`,
  ].join('\n');
}

const percent = (share: number): string => `${(share * 100).toFixed(3)} %`;
