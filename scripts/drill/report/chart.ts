/** Charts of the page: plain inline SVG, one time axis for all, the faults drawn over each. */

export interface Series {
  readonly name: string;
  readonly colour: string;
  /** One a second. Null: there is none. */
  readonly values: readonly (number | null)[];
}

export interface Band {
  readonly name: string;
  readonly fromSeconds: number;
  readonly toSeconds: number;
}

export interface Chart {
  readonly title: string;
  readonly unit: string;
  readonly kind: 'lines' | 'stacked';
  /** Of lines that differ by magnitudes. */
  readonly isLogarithmic?: boolean;
  readonly series: readonly Series[];
}

const width = 1_200;
const height = 150;
const left = 60;
const top = 18;
const bottom = 18;

export const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

export function chartOf(chart: Chart, bands: readonly Band[]): string {
  const { title, unit, kind, isLogarithmic = false, series } = chart;
  const count = Math.max(1, ...series.map(({ values }) => values.length));
  const stacks = kind === 'stacked' ? stacked(series, count) : null;
  const all = stacks ? (stacks.at(-1)?.upper ?? []) : series.flatMap(({ values }) => values);
  const max = Math.max(1, ...all.map((value) => value ?? 0));
  const x = (second: number): number => round(left + (second / count) * (width - left));
  const scale = (value: number): number =>
    isLogarithmic
      ? Math.log10(Math.max(1, value)) / Math.max(1e-9, Math.log10(Math.max(10, max)))
      : value / max;
  const y = (value: number): number => round(top + (1 - scale(value)) * (height - top - bottom));

  const drawn = stacks
    ? stacks.map(({ colour, lower, upper }) => {
        const there = upper.map((value, second) => `${x(second)},${y(value)}`);
        const back = lower.map((value, second) => `${x(second)},${y(value)}`).reverse();
        return `<polygon points="${[...there, ...back].join(' ')}" fill="${colour}"/>`;
      })
    : series.map(({ colour, values }) => pathOf(values, colour, x, y));
  const marks = (isLogarithmic ? decades(max) : [0, max / 2, max]).map(
    (value) =>
      `<text x="${left - 6}" y="${y(value) + 4}" class="tick">${short(value)}</text>` +
      `<line x1="${left}" x2="${width}" y1="${y(value)}" y2="${y(value)}" class="grid"/>`,
  );
  const faults = bands.map(
    ({ name, fromSeconds, toSeconds }) =>
      `<rect x="${x(fromSeconds)}" y="${top}" width="${Math.max(1, round(x(toSeconds) - x(fromSeconds)))}" ` +
      `height="${height - top - bottom}" class="fault"><title>${escaped(name)}</title></rect>`,
  );
  const ticks = minutesOf(count).map(
    (second) => `<text x="${x(second)}" y="${height - 4}" class="time">${second / 60} min</text>`,
  );
  const keys = series.map(
    ({ name, colour }) => `<span><i style="background:${colour}"></i>${escaped(name)}</span>`,
  );
  return [
    `<figure><figcaption>${escaped(title)} <small>${escaped(unit)}</small> ${keys.join(' ')}</figcaption>`,
    `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}">`,
    ...[...marks, ...drawn, ...faults, ...ticks],
    '</svg></figure>',
  ].join('\n');
}

/** A row of the faults' names above the charts, slanted so that neighbours do not cover each other. */
export function namesOf(bands: readonly Band[], count: number): string {
  const x = (second: number): number => round(left + (second / Math.max(1, count)) * (width - left));
  const names = bands.map(({ name, fromSeconds, toSeconds }) => {
    const at = x((fromSeconds + toSeconds) / 2);
    return `<text transform="translate(${at} 96) rotate(-60)" class="name">${escaped(name)}</text>`;
  });
  return `<svg viewBox="0 0 ${width} 100" role="img" aria-label="The faults">${names.join('')}</svg>`;
}

function pathOf(
  values: readonly (number | null)[],
  colour: string,
  x: (second: number) => number,
  y: (value: number) => number,
): string {
  let isDown = false;
  const steps = values.map((value, second) => {
    if (value === null) {
      isDown = false;
      return '';
    }
    const step = `${isDown ? 'L' : 'M'}${x(second)} ${y(value)}`;
    isDown = true;
    return step;
  });
  return `<path d="${steps.join('')}" fill="none" stroke="${colour}" stroke-width="1.2"/>`;
}

function stacked(series: readonly Series[], count: number) {
  let lower: number[] = Array.from({ length: count }, () => 0);
  return series.map(({ colour, values }) => {
    const upper = lower.map((value, second) => value + (values[second] ?? 0));
    const one = { colour, lower, upper };
    lower = upper;
    return one;
  });
}

function decades(max: number): number[] {
  const marks = [1];
  while ((marks.at(-1) ?? 1) < Math.max(10, max)) marks.push((marks.at(-1) ?? 1) * 10);
  return marks.filter((mark) => mark <= Math.max(10, max));
}

function minutesOf(seconds: number): number[] {
  return Array.from({ length: Math.floor(seconds / 60) + 1 }, (_, minute) => minute * 60);
}

const round = (value: number): number => Math.round(value * 10) / 10;
const short = (value: number): string =>
  String(value >= 10 ? Math.round(value) : Math.round(value * 10) / 10);
