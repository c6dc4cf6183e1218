/**
 * Epochs and versions. The epoch counts promotions of the writer, for the whole system. Versions carry it, so that
 * whatever a lost writer gave away can never look newer than what its successor writes.
 */
import { invariant } from '../kernel/invariant.ts';

/** What every register and database starts with. */
export const firstEpoch = { epoch: 1, centre: 'A' } as const;

const changesPerEpoch = 2 ** 32;

/** The epoch that a version is of: as many changes as an epoch has room for are never made. */
export const epochOf = (version: number): number => Math.floor(version / changesPerEpoch);

/** The first number of an epoch's outbox rows: none of them is like one that an earlier epoch gave, and may have lost. */
export const firstSequenceOf = (epoch: number): number => epoch * changesPerEpoch;

/**
 * The version of a change: one above everything it comes after: the member's last, and the last of every identifier
 * it takes or frees. Below 2^53.
 */
export function nextVersion(epoch: number, lasts: readonly number[]): number {
  const version = Math.max(epoch * changesPerEpoch, ...lasts) + 1;
  invariant(Number.isSafeInteger(version), `version ${version} is beyond 2^53`);
  return version;
}
