/**
 * Whether operations on one object can have happened one after the other, each at a moment between its start and its
 * end (Wing and Gong's search, with every state that was tried before remembered). An operation that nobody knows the
 * outcome of has no end: it may have happened at any time since its start, or never.
 */

export interface Operation<State> {
  readonly start: number;
  /** Infinity: not known. */
  readonly end: number;
  /** Whether it may never have happened. */
  readonly isOptional: boolean;
  /** What is tried first; the order that versions give mostly is one. */
  readonly rank: number;
  /** The states after it, were it next; none when it cannot be. */
  readonly next: (state: State) => readonly State[];
}

export type Linearized =
  | { readonly kind: 'yes' | 'undecided' }
  /** `stuck`: one of the operations that found no place in the longest order there is. */
  | { readonly kind: 'no'; readonly stuck: number };

interface Step<State> {
  readonly state: State;
  readonly done: readonly boolean[];
  readonly left: number;
}

/** @param triedMax after so many states it is left undecided */
export function linearize<State>(
  operations: readonly Operation<State>[],
  initial: readonly State[],
  triedMax = 10_000,
): Linearized {
  const tried = new Set<string>();
  const byRank = operations
    .map((operation, index) => ({ ...operation, index }))
    .sort((one, other) => Number(one.isOptional) - Number(other.isOptional) || one.rank - other.rank);
  const required = operations.filter(({ isOptional }) => !isOptional).length;
  const stack: Step<State>[] = initial.map((state) => ({
    state,
    done: operations.map(() => false),
    left: required,
  }));
  let fewest = Number.POSITIVE_INFINITY;
  let stuck = 0;
  for (let step = stack.pop(); step; step = stack.pop()) {
    const { state, done, left } = step;
    if (left === 0) return { kind: 'yes' };
    // Whatever starts after one that is still to come has ended must wait for it.
    let untilMs = Number.POSITIVE_INFINITY;
    let first = 0;
    for (const { end, isOptional, index } of byRank) {
      if (done[index] || isOptional || end >= untilMs) continue;
      untilMs = end;
      first = index;
    }
    if (left < fewest) [fewest, stuck] = [left, first];
    const nexts: Step<State>[] = [];
    for (const { start, isOptional, next, index } of byRank) {
      if (done[index] || start > untilMs) continue;
      for (const after of next(state)) {
        const nowDone = done.with(index, true);
        const name = `${nowDone.map(Number).join('')} ${JSON.stringify(after)}`;
        if (tried.has(name)) continue;
        tried.add(name);
        nexts.push({ state: after, done: nowDone, left: isOptional ? left : left - 1 });
      }
    }
    if (tried.size > triedMax) return { kind: 'undecided' };
    stack.push(...nexts.reverse());
  }
  return required === 0 ? { kind: 'yes' } : { kind: 'no', stuck };
}
