/**
 * The directory: which member an identifier names. One row an identifier, never deleted.
 *
 *   (absent) --claim--> claimed --settle--> bound --settle--> free --claim--> claimed ...
 *                          \---release or takeover---/
 *
 * A row alone proves nothing: it counts only if the member it names holds the identifier with the same token (I2).
 * Every step compares tokens, never members or states: a late "free it if it is X's" would free X's newer binding.
 */

/** A keyed hash of an identifier, with its key version in front. Safe to store, log and use as a key. */
export type IdentifierKey = string;

/** The version of the hash key that made an identifier's key: `VERSION.HASH`. */
export const keyVersionOf = (key: IdentifierKey): string => key.split('.', 1)[0] ?? '';

/** Made fresh for each claim; the row and the member both keep it. See `Ids.token`. */
export type Token = string;

export interface DirectoryRow {
  readonly key: IdentifierKey;
  readonly state: 'free' | 'claimed' | 'bound';
  /** Of the last claim. */
  readonly token: Token;
  /** Who made the last claim. */
  readonly memberId: string;
  /** Orders all changes of this identifier. A claim's is provisional: below the version its commit will have. */
  readonly version: number;
  /** Whether a claim's deadline has passed, by the clock of the database that holds the row. */
  readonly claimExpired: boolean;
}

/** One settled end of a change: the row with this token becomes `bound` (was claimed) or `free` (was claimed or bound). */
export interface DirectoryChange {
  readonly key: IdentifierKey;
  readonly token: Token;
  readonly to: 'bound' | 'free';
}
