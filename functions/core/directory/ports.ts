import type { Deadline } from '../kernel/clock.ts';
import type { DirectoryChange, DirectoryRow, IdentifierKey, Token } from './directory.ts';

/** The writer refuses: its epoch is closed, another is open, or its lease to write has ended. Nothing was changed. */
export interface WriterRefused {
  readonly kind: 'not-the-writer';
}

export interface Claim {
  readonly key: IdentifierKey;
  readonly token: Token;
}

/** A claim with the member that it is for. */
export interface MembersClaim extends Claim {
  readonly memberId: string;
}

/**
 * The directory at its writers. Every method that changes anything checks the epoch and the lease to write in the
 * same transaction, and throws `DependencyUnavailable` when the outcome is not known.
 */
export interface Directory {
  /**
   * Claims each row that is absent or free for `memberId`, with a version one above the row's last, and tells how
   * every row stands afterwards, in the order of `claims`; a row carries its claim's token exactly if it was claimed.
   * Rows are taken in the order of (database cluster, key), one transaction a cluster; after a cluster in which a row
   * was refused, the later clusters are not asked (their rows come back as null).
   * @param claimMs how long nobody else may take the claim over
   */
  claim(
    memberId: string,
    claims: readonly Claim[],
    claimMs: number,
    deadline: Deadline,
  ): Promise<{ readonly kind: 'rows'; readonly rows: readonly (DirectoryRow | null)[] } | WriterRefused>;

  /**
   * Claims rows for several members at once, as {@link Directory.claim} does for one: a member whose row was refused in
   * one cluster is not asked for in the later ones. At most 20,000 claims.
   */
  claimMany(
    claims: readonly MembersClaim[],
    claimMs: number,
    deadline: Deadline,
  ): Promise<{ readonly kind: 'rows'; readonly rows: readonly (DirectoryRow | null)[] } | WriterRefused>;

  /**
   * Takes a row over whose token, state and version are still those of `seen`: it becomes `claimed` by `memberId`
   * with the claim's token and `version` (above `seen.version`).
   */
  takeOver(
    seen: DirectoryRow,
    memberId: string,
    claim: Claim,
    version: number,
    claimMs: number,
    deadline: Deadline,
  ): Promise<{ readonly kind: 'taken' | 'changed' } | WriterRefused>;

  /**
   * Moves rows by token *and* state: to `bound` only from claimed, to `free` from claimed or bound, each with
   * `version` (never lowering the row's). A row with another token or state is left alone: somebody settled it, or
   * it has moved on. Repeating it changes nothing. `version` null keeps each row's own (a release).
   */
  settle(
    changes: readonly DirectoryChange[],
    version: number | null,
    deadline: Deadline,
  ): Promise<{ readonly kind: 'settled' } | WriterRefused>;

  /**
   * Of `ends`, those whose row *this replica* of the row's own database cluster shows at that version or a later one.
   * A claim's provisional version is below its commit's, so a row that is shown was settled.
   */
  shownBy(
    replica: string,
    ends: readonly DirectoryEnd[],
    deadline: Deadline,
  ): Promise<readonly DirectoryEnd[]>;
}

/** Where a change leaves an identifier: its row at the change's version. */
export interface DirectoryEnd {
  readonly key: IdentifierKey;
  readonly version: number;
}

/**
 * The tokens that were decided, in the slot of the member that claimed: `void` and `used` share one unique key, so
 * only one of them can ever win.
 */
export interface Tokens {
  /**
   * Writes `token` as void in `memberId`'s slot, unless it is decided already.
   * - `void`: it can never commit. `used`: it has committed; the row counts as bound.
   * - `trimmed`: it is older than the trimming mark: it can never commit any more, and whether it did only the member tells.
   */
  voidToken(
    memberId: string,
    token: Token,
    deadline: Deadline,
  ): Promise<{ readonly kind: 'void' | 'used' | 'trimmed' } | WriterRefused>;
}
