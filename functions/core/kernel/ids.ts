/** Fresh names, injected everywhere so that a simulation can repeat them from a seed. */
export interface Ids {
  /** A new UUIDv7 (RFC 9562), lower case: a `memberId`. */
  memberId(): string;
  /** A new token: the day it was made (UTC, `YYYYMMDD`), a dot, and 128 random bits in base64url. */
  token(): string;
}

/** A day as tokens name it: UTC, `YYYYMMDD`. */
export const dayOf = (ms: number): number =>
  Number(new Date(ms).toISOString().slice(0, 10).replaceAll('-', ''));

/** The day a token was made, as a number `YYYYMMDD`. Trimming raises a mark below which no token commits. */
export function dayOfToken(token: string): number {
  return Number(token.slice(0, 8));
}

/** Randomness, injected everywhere for the same reason. */
export interface Random {
  /** `length` fresh random bytes. */
  bytes(length: number): Uint8Array;
  /** 0 to below 1, for jitter. Never for anything that must not be guessed. */
  fraction(): number;
}
