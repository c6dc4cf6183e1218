/**
 * The forced choices of a run: everything that goes otherwise than in fair weather, numbered as it comes. A run may be
 * held to some of them alone, so that a failing one can be made smaller; what is left out is drawn all the same, so that
 * nothing else moves by it.
 */
export interface Choices {
  /** Whether the next one is to happen. */
  take(): boolean;
  /** How many there were to take. */
  count(): number;
}

/** @param only the numbers of those that may happen; null for all */
export function makeChoices(only: ReadonlySet<number> | null = null): Choices {
  let count = 0;
  return {
    take() {
      const number = count++;
      return only === null || only.has(number);
    },
    count: () => count,
  };
}
