import type { Freshness } from '../cache/answers.ts';
import type { Deadline } from '../kernel/clock.ts';
import type { Identifier } from '../member/identifiers.ts';

/** What a caller was answered. */
export interface ReadBackAnswer {
  /** Null: nobody. */
  readonly memberId: string | null;
  /** The member's version; null with nobody. */
  readonly version: number | null;
  readonly freshness: Freshness['freshness'];
  readonly source: string;
}

/** A centre, asked as its callers ask it. Throws `DependencyUnavailable` when it gives no answer. */
export interface ReadBack {
  member(memberId: string, deadline: Deadline): Promise<ReadBackAnswer>;
  lookUp(identifier: Identifier, deadline: Deadline): Promise<ReadBackAnswer>;
}
