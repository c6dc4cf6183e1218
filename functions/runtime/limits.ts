/** The limits of a request, in one place. */
import { readDeadlineMs, writeDeadlineMs } from '../core/failover/durations.ts';

/** How long each kind of route may take at most, whatever is left of the invocation. */
export const deadlineMs = { read: readDeadlineMs, write: writeDeadlineMs, health: 800 } as const;

/** Kept of an invocation's time to map and send the answer. */
export const answerMarginMs = 250;

export const bodyBytesMax = 64 * 1024;

export const nameCharactersMax = 100;
export const levelMax = 99;
export const idempotencyKeyCharactersMax = 128;
export const reasonCharactersMax = 64;

/** Of one batch. */
export const lookupsMax = 100;

/** When to come back after a dependency failed: nothing better is known. */
export const retryAfterFailureMs = 1_000;

/** The time one message of a queue may take; a batch takes its messages at once. */
export const applyChangeMs = 10_000;

/** Kept of an invocation of the relay for the rounds that are under way when it is to end. */
export const relayMarginMs = 4_000;

/** Kept of an invocation of the observer for the answers it waits for when it is to end. */
export const observerMarginMs = 4_000;
/** The share of writes whose answers the observer asks for. */
export const observedShare = 0.1;
