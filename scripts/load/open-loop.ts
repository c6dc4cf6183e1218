/** Sends requests at a rate, whether or not earlier ones were answered. */
import { setTimeout as pause } from 'node:timers/promises';

const tickMs = 2;

export async function openLoop(options: {
  readonly perSecond: number;
  readonly seconds: number;
  readonly inFlightMax: number;
  /** `dueMs`: when it was to be sent, by `performance.now()`. What it throws ends the loop. */
  readonly next: (dueMs: number) => Promise<void>;
  /** In place of a request that would be one too many. */
  readonly notSent: () => void;
  /** Ends it before its time. */
  readonly signal?: AbortSignal;
}): Promise<void> {
  const { perSecond, seconds, inFlightMax, next, notSent, signal } = options;
  const startMs = performance.now();
  const endMs = seconds * 1000;
  const inFlight = new Set<Promise<void>>();
  let failure: unknown;
  for (let sent = 0; failure === undefined && !signal?.aborted; ) {
    const elapsedMs = performance.now() - startMs;
    if (elapsedMs >= endMs) break;
    const due = Math.floor((Math.min(elapsedMs, endMs) / 1000) * perSecond);
    for (; sent < due; sent++) {
      if (inFlight.size >= inFlightMax) {
        notSent();
        continue;
      }
      const request = next(startMs + ((sent + 1) * 1000) / perSecond)
        .catch((error: unknown) => {
          failure ??= error;
        })
        .finally(() => inFlight.delete(request));
      inFlight.add(request);
    }
    await pause(tickMs);
  }
  await Promise.all(inFlight);
  if (failure !== undefined) throw failure;
}
