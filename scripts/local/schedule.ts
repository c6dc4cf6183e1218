import type { InvocationOutcome } from './functions.ts';

const retryAfterMs = 1_000;

/**
 * Invokes at once and then at every interval, as EventBridge would: whether or not the one before has ended. One that
 * fails is tried again soon.
 */
export function startSchedule(options: {
  readonly everyMs: number;
  readonly invoke: () => Promise<InvocationOutcome>;
}): { stop(): void } {
  let retry: NodeJS.Timeout | undefined;
  let stopped = false;
  const fire = async (): Promise<void> => {
    clearTimeout(retry);
    const { kind } = await options.invoke();
    if (kind === 'failed' && !stopped) retry = setTimeout(fire, retryAfterMs);
  };
  const interval = setInterval(fire, options.everyMs);
  void fire();
  return {
    stop() {
      stopped = true;
      clearInterval(interval);
      clearTimeout(retry);
    },
  };
}
