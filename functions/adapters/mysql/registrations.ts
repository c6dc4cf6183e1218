import { invariant } from '../../core/kernel/invariant.ts';
import type { BegunRegistration, RegistrationRecord, Registrations } from '../../core/member/ports.ts';
import type { Sharding } from '../../core/sharding/sharding.ts';
import { inParts, placeAll, selectsMax } from './clusters.ts';
import type { DatabaseClusters } from './database.ts';
import { writerGuard } from './guard.ts';
import { boundRows } from './plain-run.ts';
import { integer, text } from './rows.ts';
import { beginRegistrations, readRegistrations } from './statements/begin-registration.ts';
import { transact } from './transaction.ts';

/** Registration records in MySQL, each in the slot of its (caller, key). */
export function makeMysqlRegistrations(options: {
  readonly clusters: DatabaseClusters;
  readonly sharding: Sharding;
}): Registrations {
  const { clusters, sharding } = options;

  const beginMany: Registrations['beginMany'] = async (records, deadline) => {
    const placed = placeAll(clusters, sharding, boundRows(records), nameOf);
    const outcomes = await Promise.all(
      placed.map(async ({ databaseCluster, writer, slots }) => {
        const begin = slots.map(({ schema, items }) => beginRegistrations(schema, items));
        const read = inParts(
          slots.map(({ schema, items }) => ({ schema, records: items })),
          selectsMax,
        ).map((part) => readRegistrations(databaseCluster, part));
        const guard = writerGuard(databaseCluster, { slots: slots.map(({ slot }) => slot) });
        const outcome = await transact(writer, { guard, body: [...begin, ...read] }, deadline);
        return outcome.kind === 'refused'
          ? null
          : outcome.body.slice(begin.length).flatMap(({ rows }) => rows);
      }),
    );
    if (outcomes.includes(null)) return { kind: 'not-the-writer' };
    const begun = new Map<string, BegunRegistration>();
    for (const row of outcomes.flatMap((rows) => rows ?? [])) {
      begun.set(nameOf({ caller: text(row, 'caller'), key: text(row, 'idempotency_key') }), {
        kind: 'registration',
        memberId: text(row, 'member_id'),
        requestHash: text(row, 'request_hash'),
        epoch: integer(row, 'epoch'),
      });
    }
    return {
      kind: 'registrations',
      begun: records.map((record) => {
        const one = begun.get(nameOf(record));
        invariant(one, 'a registration record that was just written is not there');
        return one;
      }),
    };
  };

  return {
    beginMany,
    async begin(record, deadline) {
      const outcome = await beginMany([record], deadline);
      return outcome.kind === 'not-the-writer' ? outcome : (outcome.begun[0] as BegunRegistration);
    },
  };
}

export const nameOf = ({ caller, key }: Pick<RegistrationRecord, 'caller' | 'key'>): string =>
  `${caller}\u0000${key}`;
