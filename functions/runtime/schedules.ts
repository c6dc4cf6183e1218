/** How often the functions run that nobody asks for anything, and how long an invocation may take. */

/** Each invocation of the relay begins before the one before has ended. */
export const relaySchedule = { everyMs: 60_000, timeoutMs: 68_000 } as const;

/** Each invocation of the observer begins when the one before follows nothing new any more. */
export const observerSchedule = { everyMs: 240_000, timeoutMs: 320_000 } as const;
