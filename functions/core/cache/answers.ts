/** What a read answers, and how sure it is. */
import type { DependencyUnavailable } from '../kernel/invariant.ts';
import type { SealBroken } from '../member/errors.ts';
import type { Member } from '../member/member.ts';

/**
 * `fresh`: no write acknowledged before this read began is missing. `bounded`: current as of at most `ageMs` ago.
 * `stale`: may be older than that, and nobody can say by how much.
 */
export type Freshness =
  | { readonly freshness: 'fresh' }
  | { readonly freshness: 'bounded'; readonly ageMs: number }
  | { readonly freshness: 'stale' };

/** Where it came from: `cache`, `writer`, `replica:NAME`, `search:NAME`. */
export type AnswerSource = string;

export type ReadAnswer = Freshness & { readonly source: AnswerSource } & (
    | { readonly kind: 'member'; readonly member: Member }
    /** With the version at which the identifier, or the member, came to name nobody; 0 where none is known. */
    | { readonly kind: 'nobody'; readonly version: number }
  );

/**
 * What the answers by an identifier's older key and by its current one come to. Versions order all changes of an identifier, so
 * of two members the newer state is right. Found by one key alone, by a member that holds it under both, or that was let go
 * under the older one since: one of the two keys is behind, and nobody can say which.
 * @param byCurrent null when it could not be had
 */
export function eitherOf(byOlder: ReadAnswer, byCurrent: ReadAnswer | null): ReadAnswer {
  if (byCurrent === null) return unsure(byOlder);
  if (byOlder.kind === 'nobody') {
    if (byCurrent.kind === 'nobody') return lessSure(byOlder, byCurrent);
    // Who was moved was let go under the older key by that same change, or by an earlier one.
    return byCurrent.member.version >= byOlder.version ? byCurrent : unsure(byCurrent);
  }
  if (byCurrent.kind === 'nobody') return unsure(byOlder);
  return byCurrent.member.version >= byOlder.member.version ? byCurrent : byOlder;
}

function unsure(answer: ReadAnswer): ReadAnswer {
  const { source } = answer;
  return answer.kind === 'member'
    ? { kind: 'member', member: answer.member, source, freshness: 'stale' }
    : { kind: 'nobody', version: answer.version, source, freshness: 'stale' };
}

/** Of two answers, the one that promises less. */
export function lessSure(one: ReadAnswer, other: ReadAnswer): ReadAnswer {
  return doubtOf(one) >= doubtOf(other) ? one : other;
}

function doubtOf(answer: Freshness): number {
  if (answer.freshness === 'fresh') return -1;
  return answer.freshness === 'bounded' ? answer.ageMs : Number.POSITIVE_INFINITY;
}

/** One of several reads: what fails fails for itself. */
export type ReadOutcome = ReadAnswer | DependencyUnavailable | SealBroken;

/** Why a source was not asked, as the cause of a `DependencyUnavailable`: this lane's share of it is used up for now. */
export class ShareUsedUp extends Error {
  readonly code = 'share-used-up';

  constructor() {
    super("this lane's share is used up");
  }
}
