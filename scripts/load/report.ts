/** The figures of a run as people read them. */
import type { Figures, KindFigures } from './figures.ts';

const heads = ['', 'answered', 'failed', 'p50 ms', 'p99 ms', 'max ms', 'cache', 'freshness'];

export function reportOf(figures: Figures): string {
  const { kinds, reads, faults, faultCounts, judged, wrong } = figures;
  const rows = Object.entries(kinds).map(([kind, each]) => row(kind, each));
  const failures = Object.entries(kinds).flatMap(([kind, { failures: all }]) =>
    Object.entries(all).map(([how, count]) => `  ${kind}: ${count} x ${how}`),
  );
  const seen = faults.map(({ kind, fault, detail }) => `  ${kind}: ${fault}: ${detail}`);
  return [
    ...aligned([heads, ...rows, row('all reads', reads)]),
    ...section('Failures', failures),
    ...section('Stale and wrong answers, the first of them', seen),
    ...section('Reads were answered by', [`  ${listed(reads.sources)}`]),
    '',
    `Hit rate: ${percent(reads.hitRate)}`,
    `Answers judged: ${judged}; stale or wrong: ${wrong}${wrong > 0 ? ` (${listed(faultCounts)})` : ''}`,
  ].join('\n');
}

function row(
  kind: string,
  { answered, failed, p50Ms, p99Ms, maxMs, hitRate, freshness }: KindFigures,
): string[] {
  const times = [p50Ms, p99Ms, maxMs].map((ms) => ms?.toFixed(1) ?? '');
  return [kind, String(answered), String(failed), ...times, percent(hitRate), listed(freshness)];
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = heads.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  const isText = (column: number) => column === 0 || column === heads.length - 1;
  return rows.map((cells) =>
    cells
      .map((cell, column) =>
        isText(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', `${title}:`, ...lines];
}

function percent(part: number | null): string {
  return part === null ? '' : `${(part * 100).toFixed(1)} %`;
}

function listed(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ');
}
