/** When what happened, by `performance.now()`. */
export interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

/** One scenario as it was carried out. */
export interface Carried {
  readonly name: string;
  /** While the fault stood. */
  readonly fault: Span;
  /** When all had settled after it: everything committed until its end had arrived everywhere. Null: it had not in time. */
  readonly settledAtMs: number | null;
  /** When nobody could write, for want of a writer: its loss, or a promotion, until there was one again. */
  readonly withoutWriter: readonly Span[];
  /** When the next scenario could begin, settled or not. */
  readonly endMs: number;
}

export const overlaps = (one: Span, other: Span): boolean =>
  one.startMs < other.endMs && other.startMs < one.endMs;
