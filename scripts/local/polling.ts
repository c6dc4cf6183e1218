import { setTimeout as pause } from 'node:timers/promises';

/**
 * Asks again and again until the answer is true. Answers false when the deadline has passed. A question that
 * throws counts as "not yet": what is being waited for is usually still refusing connections.
 */
export async function pollUntil(
  question: () => boolean | Promise<boolean>,
  limits: { deadlineMs: number; everyMs?: number; signal?: AbortSignal | undefined },
): Promise<boolean> {
  const end = performance.now() + limits.deadlineMs;
  for (;;) {
    limits.signal?.throwIfAborted();
    try {
      if (await question()) return true;
    } catch {
      // not yet
    }
    if (performance.now() >= end) return false;
    await pause(limits.everyMs ?? 50);
  }
}
