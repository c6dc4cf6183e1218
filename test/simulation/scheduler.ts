/**
 * The scheduler: it owns all time of a simulation. Events happen one after the other, in the order of their virtual
 * moments; between two of them every promise that the first one resolved has run to its next wait.
 */
export interface Scheduler {
  /** Virtual milliseconds since the start. */
  nowMs(): number;
  /** How many events have happened. */
  steps(): number;
  after(delayMs: number, run: () => void): void;
  /** Lets events happen until `isDone`, or none is left. */
  runUntil(isDone: () => boolean): Promise<void>;
}

interface Entry {
  readonly atMs: number;
  /** Of two events at the same moment, the one that was asked for first. */
  readonly order: number;
  readonly run: () => void;
}

const isBefore = (one: Entry, other: Entry): boolean =>
  one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);

export function makeScheduler(): Scheduler {
  const heap: Entry[] = [];
  let nowMs = 0;
  let orders = 0;
  let steps = 0;

  const push = (entry: Entry): void => {
    let index = heap.length;
    heap.push(entry);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(entry, heap[parent] as Entry)) break;
      heap[index] = heap[parent] as Entry;
      index = parent;
    }
    heap[index] = entry;
  };

  const pop = (): Entry | undefined => {
    const top = heap[0];
    const last = heap.pop();
    if (!last || heap.length === 0) return top;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Entry, heap[child] as Entry)) child++;
      if (!isBefore(heap[child] as Entry, last)) break;
      heap[index] = heap[child] as Entry;
      index = child;
    }
    heap[index] = last;
    return top;
  };

  return {
    nowMs: () => nowMs,
    steps: () => steps,
    after(delayMs, run) {
      push({ atMs: nowMs + Math.max(0, delayMs), order: orders++, run });
    },
    runUntil: (isDone) =>
      new Promise((resolve, reject) => {
        const step = (): void => {
          try {
            const entry = isDone() ? undefined : pop();
            if (!entry) {
              resolve();
              return;
            }
            nowMs = entry.atMs;
            steps++;
            entry.run();
          } catch (error) {
            reject(error);
            return;
          }
          queueMicrotask(arm);
        };
        // A tick starts only once no microtask is left: so everything that the step set going has come to rest. No
        // timer and no turn of the event loop is needed for that.
        const arm = (): void => process.nextTick(step);
        step();
      }),
  };
}
