/**
 * How callers are led to a centre, in one place: what the Route 53 records say, and what the front door of a
 * developer's machine does in their stead (`scripts/local/front-door.ts`).
 *
 * Nothing of it is moved by a promotion: a centre whose writers are in the other one serves all the same.
 */
import type { Lane } from '../core/caller/caller.ts';
import type { CentreName } from '../core/propagation/event.ts';

export interface HealthCheck {
  readonly path: string;
  /** 10 or 30, by Route 53. */
  readonly requestIntervalSeconds: number;
  /** So many answers of the other kind in a row turn a checker's judgement, either way. */
  readonly failureThreshold: number;
  /** What Route 53 itself gives a status to come in, once it is connected. */
  readonly answerWithinMs: number;
}

export type Records =
  /** To the first while it is well, else to the second. With none well: to the first. */
  | { readonly policy: 'failover'; readonly primary: CentreName; readonly secondary: CentreName }
  /** Spread by weight over those that are well. With none well: over all. */
  | { readonly policy: 'weighted'; readonly weights: Readonly<Record<CentreName, number>> };

export const healthCheck: HealthCheck = {
  path: '/health',
  requestIntervalSeconds: 10,
  failureThreshold: 3,
  answerWithinMs: 2_000,
};

export const recordsOf: Readonly<Record<Lane, Records>> = {
  critical: { policy: 'failover', primary: 'A', secondary: 'B' },
  marketing: { policy: 'weighted', weights: { A: 50, B: 50 } },
};
