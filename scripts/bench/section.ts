import { type Measured, named } from './measure.ts';
import type { Service } from './service.ts';

/** One table of the report. Cells are ready to print. */
export interface Table {
  readonly title: string;
  /** What is compared, and why that is fair. */
  readonly note: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface Result {
  readonly tables: readonly Table[];
  /** What programs read, under the names that `--json` promises. */
  readonly json: Readonly<Record<string, unknown>>;
}

export interface Section {
  readonly name: string;
  readonly about: string;
  run(service: Service): Promise<Result>;
}

/** Rounds the way people read it: three digits. */
export function digits(value: number): string {
  if (!Number.isFinite(value)) return '-';
  return Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);
}

/** For programs: no more digits than mean anything. */
export const rounded = (value: number): number => Math.round(value * 1000) / 1000;

/** A row for each contender: how many requests a second it answered alone and together, and what `cells` adds of both. */
export function sideBySide(
  alone: readonly Measured[],
  together: readonly Measured[],
  cells: (name: string, single: Measured, many: Measured) => readonly number[],
): readonly (readonly string[])[] {
  return together.map((many) => {
    const single = named(alone, many.name);
    return [many.name, ...[single.perSecond, many.perSecond, ...cells(many.name, single, many)].map(digits)];
  });
}
