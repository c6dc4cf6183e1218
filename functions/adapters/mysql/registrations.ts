import { invariant } from '../../core/kernel/invariant.ts';
import type { Registrations } from '../../core/member/ports.ts';
import type { Sharding } from '../../core/sharding/sharding.ts';
import { placeOf } from './clusters.ts';
import type { DatabaseClusters } from './database.ts';
import { writerGuard } from './guard.ts';
import { integer, rowAt, text } from './rows.ts';
import { beginRegistration } from './statements/begin-registration.ts';
import { transact } from './transaction.ts';

/** Registration records in MySQL, each in the slot of its (caller, key). */
export function makeMysqlRegistrations(options: {
  readonly clusters: DatabaseClusters;
  readonly sharding: Sharding;
}): Registrations {
  return {
    async begin(record, deadline) {
      const { slot, schema, databaseCluster, writer } = placeOf(
        options.clusters,
        options.sharding,
        `${record.caller}\u0000${record.key}`,
      );
      const outcome = await transact(
        writer,
        {
          guard: writerGuard(databaseCluster, { slots: [slot] }),
          body: beginRegistration(schema, databaseCluster, record),
        },
        deadline,
      );
      if (outcome.kind === 'refused') return { kind: 'not-the-writer' };
      const row = rowAt(outcome.body, 1);
      invariant(row, 'a registration record that was just written is not there');
      return {
        kind: 'registration',
        memberId: text(row, 'member_id'),
        requestHash: text(row, 'request_hash'),
        epoch: integer(row, 'epoch'),
      };
    },
  };
}
