/** One direction of one connection through a link. */
import type { Socket } from 'node:net';

/** More than this is not taken in before it can be passed on. */
const keptBytesMax = 4 * 1024 * 1024;

export interface Pump {
  /** Whether anything passes, and how much later. What was kept meanwhile follows in order. */
  set(weather: { readonly isHeld: boolean; readonly delayMs: number }): void;
  end(): void;
}

interface Kept {
  readonly dueMs: number;
  /** Null: there is nothing more. */
  readonly chunk: Buffer | null;
}

export function makePump(from: Socket, to: Socket): Pump {
  const kept: Kept[] = [];
  let keptBytes = 0;
  let isHeld = false;
  let delayMs = 0;
  let isFull = false;
  let timer: NodeJS.Timeout | undefined;

  const settle = (): void => {
    if (isHeld || isFull || keptBytes > keptBytesMax) from.pause();
    else from.resume();
  };
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const nowMs = performance.now();
    while (kept[0] && !isHeld && kept[0].dueMs <= nowMs) {
      const { chunk } = kept.shift() as Kept;
      if (chunk === null) to.end();
      else {
        keptBytes -= chunk.length;
        if (!to.destroyed && !to.write(chunk)) isFull = true;
      }
    }
    const [next] = kept;
    if (next && !isHeld) timer = setTimeout(flush, Math.max(1, next.dueMs - nowMs));
    settle();
  };
  const take = (chunk: Buffer | null): void => {
    kept.push({ dueMs: performance.now() + delayMs, chunk });
    keptBytes += chunk?.length ?? 0;
    flush();
  };

  from.on('data', take);
  from.on('end', () => take(null));
  to.on('drain', () => {
    isFull = false;
    settle();
  });
  return {
    set(weather) {
      isHeld = weather.isHeld;
      delayMs = weather.delayMs;
      flush();
    },
    end: () => clearTimeout(timer),
  };
}
