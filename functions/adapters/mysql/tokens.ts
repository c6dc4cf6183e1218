import type { Tokens } from '../../core/directory/ports.ts';
import { invariant } from '../../core/kernel/invariant.ts';
import type { Sharding } from '../../core/sharding/sharding.ts';
import { placeOf } from './clusters.ts';
import type { DatabaseClusters } from './database.ts';
import { writerGuard } from './guard.ts';
import { oneOf, rowAt } from './rows.ts';
import { voidToken } from './statements/void-token.ts';
import { transact } from './transaction.ts';

/** Decided tokens in MySQL, each in the slot of the member that claimed. */
export function makeMysqlTokens(options: {
  readonly clusters: DatabaseClusters;
  readonly sharding: Sharding;
}): Tokens {
  return {
    async voidToken(memberId, token, deadline) {
      const { slot, schema, databaseCluster, writer } = placeOf(options.clusters, options.sharding, memberId);
      const outcome = await transact(
        writer,
        {
          guard: writerGuard(databaseCluster, { slots: [slot] }),
          body: voidToken(schema, databaseCluster, token),
        },
        deadline,
      );
      if (outcome.kind === 'refused') return { kind: 'not-the-writer' };
      const row = rowAt(outcome.body, 1);
      invariant(row, 'a database cluster has no trimming mark');
      return { kind: oneOf(row, 'outcome', ['void', 'used', 'trimmed']) };
    },
  };
}
