import type { Clock } from '../../functions/core/kernel/clock.ts';

/** The machine's clock, for what waits for real engines and sockets. */
export const wallClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

/** A clock that moves only when it is told to, or slept on. */
export function makeHandClock() {
  let atMs = 1_000_000;
  const slept: number[] = [];
  return {
    slept,
    advance(ms: number): void {
      atMs += ms;
    },
    nowMs: () => atMs,
    monotonicMs: () => atMs,
    async sleep(ms: number): Promise<void> {
      slept.push(ms);
      atMs += ms;
    },
  } satisfies Clock & Record<string, unknown>;
}
