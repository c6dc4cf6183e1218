/** What the writing flows answer. Expected outcomes only: a broken invariant or an unknown outcome is thrown. */
import type { TraceParent } from '../propagation/trace.ts';
import type { IdentifierField } from './identifiers.ts';
import type { Member, Receipt } from './member.ts';

/** Who asks, and how a repeat of the same request is known. */
export interface WriteRequest {
  readonly caller: string;
  /** The caller's `Idempotency-Key`: 1 to 128 printable ASCII characters. Scoped to the caller, and to the member that a change is about. */
  readonly idempotencyKey: string;
  /** A keyed hash of operation, member and body. */
  readonly requestHash: string;
  /**
   * Why, as a code without personal data, for the history; null when the caller does not say. No part of the request
   * that a key stands for: a repeat may give another one, and changes nothing.
   */
  readonly reason?: string | null;
  /** The request's own span. Goes with the event, and decides nothing. */
  readonly trace?: TraceParent;
}

export type WriteOutcome =
  /** Acknowledged. `member` is the member as it stands; for a repeat it may be newer than the receipt. */
  | { readonly kind: 'done'; readonly member: Member; readonly receipt: Receipt }
  | { readonly kind: 'no-such-member' }
  /** Unbinding what the member does not hold. */
  | { readonly kind: 'not-bound'; readonly field: IdentifierField }
  /** Somebody holds it (never told who), or this member has another one in that field. */
  | { readonly kind: 'identifier-bound'; readonly fields: readonly IdentifierField[] }
  | { readonly kind: 'version-conflict' }
  /** The same key came with another request before. */
  | { readonly kind: 'key-reused' }
  /** Nothing was acknowledged; the same request, with the same key, may be sent again. */
  | {
      readonly kind: 'unavailable';
      readonly reason: 'identifier-busy' | 'not-the-writer' | 'no-receipt' | 'contended';
      readonly retryAfterMs: number;
    };
