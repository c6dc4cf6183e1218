/**
 * Calls `onLate` after so many milliseconds, unless it is cancelled before.
 *
 * A process that was held up for that long finds its timer due before it has read its sockets. So it reads them once more first: an
 * answer that has arrived in time is no late one, and a busy machine does not turn into parts that are away.
 * @returns cancels it
 */
export function whenLate(ms: number, onLate: () => void): () => void {
  let lastTurn: NodeJS.Immediate | undefined;
  const timer = setTimeout(() => {
    lastTurn = setImmediate(onLate);
  }, Math.ceil(ms));
  return () => {
    clearTimeout(timer);
    clearImmediate(lastTurn);
  };
}
