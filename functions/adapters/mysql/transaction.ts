import type { Deadline } from '../../core/kernel/clock.ts';
import { DependencyUnavailable } from '../../core/kernel/invariant.ts';
import {
  type Database,
  type Refusal,
  type Statement,
  StatementRefused,
  type StatementResult,
} from './database.ts';

export interface Transaction {
  readonly guard: readonly Statement[];
  readonly body: readonly Statement[];
  /** Plain reads in the same round trip, after the COMMIT. @default none */
  readonly after?: readonly Statement[];
}

export type TransactionOutcome =
  | {
      readonly kind: 'committed';
      readonly body: readonly StatementResult[];
      readonly after: readonly StatementResult[];
    }
  | { readonly kind: 'refused'; readonly refusal: Exclude<Refusal, 'deadlock' | 'lock-timeout'> };

const attemptsMax = 8;

/**
 * One transaction in one round trip. What the server is known to have rolled back for the sake of others (deadlock,
 * lock time-out) is sent again, a bounded number of times within the deadline.
 * @throws DependencyUnavailable when it is not known whether it was committed, or others never let it through
 */
export async function transact(
  database: Database,
  { guard, body, after = [] }: Transaction,
  deadline: Deadline,
): Promise<TransactionOutcome> {
  const statements = [{ sql: 'START TRANSACTION' }, ...guard, ...body, { sql: 'COMMIT' }, ...after];
  const bodyStart = 1 + guard.length;
  for (let attempt = 1; ; attempt++) {
    try {
      const results = await database.run(statements, deadline);
      return {
        kind: 'committed',
        body: results.slice(bodyStart, bodyStart + body.length),
        after: results.slice(bodyStart + body.length + 1),
      };
    } catch (error) {
      if (!(error instanceof StatementRefused)) throw error;
      const { refusal } = error;
      if (refusal !== 'deadlock' && refusal !== 'lock-timeout') return { kind: 'refused', refusal };
      if (attempt === attemptsMax) throw new DependencyUnavailable(database.name, error);
    }
  }
}
