import type { RecoveryStore, RegisteredEpoch } from '../../core/failover/ports.ts';
import type { Deadline } from '../../core/kernel/clock.ts';
import { DependencyUnavailable } from '../../core/kernel/invariant.ts';
import type { Sharding } from '../../core/sharding/sharding.ts';
import { inParts, placeAll, placeOf, selectsMax } from './clusters.ts';
import { type Database, type DatabaseClusters, type Statement, StatementRefused } from './database.ts';
import { storedMemberOf } from './member-rows.ts';
import { boundRows, readRows } from './plain-run.ts';
import { nameOf } from './registrations.ts';
import { integer, text } from './rows.ts';
import { carryOutCommit, commitsThere } from './statements/carry-out.ts';
import { guardEpoch } from './statements/lease-extend.ts';
import { placeRegistrations, placeRows } from './statements/place-rows.ts';
import { readMemberAtReplica } from './statements/read-at-replica.ts';
import { transact } from './transaction.ts';

/** At the servers that `clusters` have as writers, whose leases to write need not stand. */
export function makeMysqlRecoveryStore(options: {
  readonly clusters: DatabaseClusters;
  readonly sharding: Sharding;
}): RecoveryStore {
  const { clusters, sharding } = options;

  /** Each item to the slot of its text, a transaction a database cluster. */
  const inSlots = async <Item>(
    epoch: RegisteredEpoch,
    items: readonly Item[],
    textOf: (item: Item) => string,
    statementOf: (schema: string, items: readonly Item[]) => Statement,
    deadline: Deadline,
  ): Promise<'done' | 'older-epoch'> => {
    const outcomes = await Promise.all(
      placeAll(clusters, sharding, boundRows(items), textOf).map(({ databaseCluster, writer, slots }) =>
        underEpoch(
          writer,
          databaseCluster,
          epoch,
          slots.map(({ schema, items: mine }) => statementOf(schema, mine)),
          deadline,
        ),
      ),
    );
    return outcomes.includes('older-epoch') ? 'older-epoch' : 'done';
  };

  return {
    async member(memberId, deadline) {
      const { schema, writer } = placeOf(clusters, sharding, memberId);
      const [row] = await readRows(writer, readMemberAtReplica(schema, memberId), deadline);
      return storedMemberOf(row);
    },

    async missing(_, events, deadline) {
      const there = new Set<string>();
      for (const { writer, slots } of placeAll(
        clusters,
        sharding,
        boundRows(events),
        (one) => one.memberId,
      )) {
        const asked = slots.map(({ schema, items }) => ({ schema, events: items }));
        for (const part of inParts(asked, selectsMax)) {
          for (const row of await readRows(writer, commitsThere(part), deadline)) {
            there.add(`${text(row, 'member_id')} ${integer(row, 'version')}`);
          }
        }
      }
      return events.filter(({ memberId, version }) => !there.has(`${memberId} ${version}`));
    },

    carryOut(databaseCluster, epoch, event, sinks, deadline) {
      const { schema, writer } = placeOf(clusters, sharding, event.memberId);
      const body = carryOutCommit(schema, databaseCluster, event, sinks);
      return underEpoch(writer, databaseCluster, epoch, body, deadline);
    },

    place: (epoch, rows, deadline) => inSlots(epoch, rows, ({ key }) => key, placeRows, deadline),

    register: (epoch, records, deadline) => inSlots(epoch, records, nameOf, placeRegistrations, deadline),
  };
}

/** In one transaction, while the database cluster has this epoch. */
async function underEpoch(
  writer: Database,
  databaseCluster: string,
  epoch: RegisteredEpoch,
  body: readonly Statement[],
  deadline: Deadline,
): Promise<'done' | 'older-epoch'> {
  const outcome = await transact(writer, { guard: guardEpoch(databaseCluster, epoch), body }, deadline);
  if (outcome.kind === 'committed') return 'done';
  if (outcome.refusal === 'guard') return 'older-epoch';
  throw new DependencyUnavailable(writer.name, new StatementRefused(writer.name, outcome.refusal, undefined));
}
