import type { Environment } from './environment.ts';
import type { Table } from './section.ts';

export interface Report {
  readonly environment: Environment;
  readonly tables: readonly Table[];
  readonly seconds: number;
}

export function asText({ tables }: Pick<Report, 'tables'>): string {
  return tables.map(({ title, head, rows }) => `${title}\n\n${aligned([head, ...rows])}`).join('\n\n');
}

/** The tables of one run, for the documentation. */
export function asMarkdown({ environment, tables, seconds }: Report): string {
  const { commit, node, cpu, cores, memoryGigabytes, loadAverageAtStart, engines } = environment;
  const parts = Object.entries(engines).map(([name, version]) => `${name} ${version}`);
  const machine = [
    `One run of ${Math.round(seconds)} s at commit \`${commit}\`: Node ${node.slice(1)}, ${cpu}, ${cores} cores,`,
    `${memoryGigabytes} GB, ${parts.join(', ')}; load average ${loadAverageAtStart} at its start.`,
  ];
  const texts = tables.map(({ title, note, head, rows }) => {
    const lines = [head, head.map((_, at) => (at === 0 ? '---' : '---:')), ...rows];
    return `## ${title}\n\n${note}\n\n${lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}`;
  });
  return `${machine.join(' ')}\n\n${texts.join('\n\n')}\n`;
}

function aligned(lines: readonly (readonly string[])[]): string {
  const widths = (lines[0] ?? []).map((_, at) => Math.max(...lines.map((cells) => cells[at]?.length ?? 0)));
  return lines
    .map((cells) =>
      cells
        .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
        .join('   '),
    )
    .join('\n');
}
