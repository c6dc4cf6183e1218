/** The capacity of a workload, for a person to follow and to argue with. */
import { type Assumptions, chosen, measured } from './assumptions.ts';
import { type Cost, monthOf, type Prices } from './cost.ts';
import type { Capacity, Figure, Workload } from './model.ts';

export interface Reported {
  readonly workload: Workload;
  readonly assumptions: Assumptions;
  readonly capacity: Capacity;
  readonly prices: Prices;
}

export function describeCapacity({ workload, assumptions, capacity, prices }: Reported): string {
  const { members, readsPerSecond, writesPerSecond } = workload;
  const parts = [...new Set(capacity.figures.map(({ part }) => part))];
  return [
    `For ${shown(members)} members, ${shown(readsPerSecond)} reads and ${shown(writesPerSecond)} writes a second at the peak.`,
    'Each centre carries all of it alone.',
    ...parts.flatMap((part) => ['', part, ...capacity.figures.filter((one) => one.part === part).map(line)]),
    '',
    'Settings need at least',
    ...Object.entries(capacity.sizes).map(([name, value]) => `  ${name.padEnd(24)} ${shown(value)}`),
    '',
    ...costLines(monthOf(capacity.usage, prices), prices),
    '',
    'Measured on local engines (B)',
    ...Object.entries(measured).map(([name, value]) => `  ${name.padEnd(24)} ${shown(value)}`),
    '',
    'Assumed; give others with --assume NAME=VALUE',
    ...Object.entries(chosen).map(
      ([name, { why }]) =>
        `  ${name.padEnd(24)} ${shown(assumptions[name as keyof Assumptions]).padStart(9)}  ${why}`,
    ),
  ].join('\n');
}

const line = ({ name, value, unit, formula }: Figure): string =>
  `  ${name.padEnd(32)} ${`${shown(value)} ${unit}`.trimEnd().padStart(14)}  = ${formula}`;

function costLines({ lines, total }: Cost, { currency, note }: Prices): readonly string[] {
  return [
    `A month, in ${currency}. ${note}`,
    ...lines.map(
      ({ name, quantity, unitPrice, price }) =>
        `  ${name.padEnd(26)} ${shown(quantity).padStart(10)} * ${String(unitPrice).padEnd(10)} = ${shown(price).padStart(9)}`,
    ),
    `  ${'all of it'.padEnd(26)} ${shown(total).padStart(35)}`,
  ];
}

/** Three digits that matter, with a letter for what is large. */
function shown(value: number): string {
  for (const [size, letter] of [
    [1e12, 'T'],
    [1e9, 'G'],
    [1e6, 'M'],
    [1e4, 'k'],
  ] as const) {
    if (value >= size) return `${Number((value / (letter === 'k' ? 1e3 : size)).toPrecision(3))} ${letter}`;
  }
  return String(Number(value.toPrecision(4)));
}
