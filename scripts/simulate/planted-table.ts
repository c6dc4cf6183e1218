/** The table of planted bugs in `docs/simulation.md`, between its two marks. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Plant } from '../../test/simulation/planted/plant.ts';
import type { Found } from '../../test/simulation/planting.ts';

const page = fileURLToPath(new URL('../../docs/simulation.md', import.meta.url));
const [begin, end] = ['<!-- planted: begin -->', '<!-- planted: end -->'];

export function writePlantedTable(
  rows: readonly (Found & { readonly plant: Plant })[],
  commit: string,
): void {
  const cells = rows.map(({ plant, seed, violation, runs, seconds }) => [
    `\`${plant.name}\``,
    plant.what,
    violation === null ? 'NOT FOUND' : `${violation.invariant} by \`${violation.check}\``,
    String(seed ?? '-'),
    String(runs),
    seconds.toFixed(1),
  ]);
  const table = [
    ['planted bug', 'what it does', 'found as', 'seed', 'runs', 'seconds of a core'],
    ['---', '---', '---', '---:', '---:', '---:'],
    ...cells,
  ].map((row) => `| ${row.join(' | ')} |`);
  const text = readFileSync(page, 'utf8');
  const [before, rest] = [text.slice(0, text.indexOf(begin)), text.slice(text.indexOf(end))];
  const body = [begin, '', ...table, '', `From seed 1, at commit ${commit}.`, '', ''].join('\n');
  writeFileSync(page, `${before}${body}${rest}`);
}
