import type { ClusterControl } from '../../core/failover/ports.ts';
import type { Deadline } from '../../core/kernel/clock.ts';
import { DependencyUnavailable } from '../../core/kernel/invariant.ts';
import { centreNames } from '../../core/propagation/event.ts';
import { clusterOf } from './clusters.ts';
import { type Database, type DatabaseClusters, StatementRefused, type StatementResult } from './database.ts';
import { writerGuard } from './guard.ts';
import { affect, onlyRow, readRows, replicaOf } from './plain-run.ts';
import { integer, oneOf, resultAt, text } from './rows.ts';
import { readClusterEpoch } from './statements/cluster-epoch.ts';
import { closeEpoch, guardClosing } from './statements/epoch-close.ts';
import { lockGrant, readGrant, recordGrant } from './statements/grant-record.ts';
import { resumeGrant } from './statements/grant-resume.ts';
import { readGrantEnd, suspendGrant } from './statements/grant-suspend.ts';
import { suspendedGrants } from './statements/grant-suspended.ts';
import { beatHeart } from './statements/heartbeat-beat.ts';
import { readLag } from './statements/heartbeat-lag.ts';
import { extendLease, guardEpoch } from './statements/lease-extend.ts';
import { lastSequenceInOutbox } from './statements/outbox-last-sequence.ts';
import { type Transaction, transact } from './transaction.ts';

/**
 * The control rows in MySQL. Once the lease to write has ended, `beat` does nothing, silently, and `suspend` and
 * `resume` throw `DependencyUnavailable`: nobody may rely on what a writer without a lease says.
 */
export function makeClusterControl({ clusters }: { readonly clusters: DatabaseClusters }): ClusterControl {
  const writerOf = (databaseCluster: string) => clusterOf(clusters, databaseCluster).writer;

  return {
    async epoch(databaseCluster, deadline) {
      const writer = writerOf(databaseCluster);
      const rows = await readRows(writer, readClusterEpoch(databaseCluster), deadline);
      const row = onlyRow(rows, writer, 'epoch or write_lease');
      return {
        epoch: integer(row, 'epoch'),
        centre: oneOf(row, 'centre', centreNames),
        leaseRemainingMs: integer(row, 'lease_remaining_ms'),
        readAt: text(row, 'read_at'),
      };
    },

    async extendLease(databaseCluster, epoch, readAt, lengthMs, deadline) {
      const results = await transactIfGuarded(
        writerOf(databaseCluster),
        {
          guard: guardEpoch(databaseCluster, epoch),
          body: [extendLease(databaseCluster, readAt, lengthMs)],
        },
        deadline,
      );
      return results ? 'extended' : 'older-epoch';
    },

    async close(databaseCluster, epoch, redises, deadline) {
      const writer = writerOf(databaseCluster);
      const closing = {
        guard: guardClosing(databaseCluster, epoch),
        body: closeEpoch(databaseCluster, epoch, redises),
      };
      const outcome = await transact(writer, closing, deadline);
      if (outcome.kind === 'committed') return 'closed';
      if (outcome.refusal === 'guard') return 'older-epoch';
      // A copy of the new writer by now: what it copied tells.
      const rows = await readRows(writer, readClusterEpoch(databaseCluster), deadline);
      if (integer(onlyRow(rows, writer, 'epoch'), 'epoch') === epoch.epoch) return 'closed';
      throw new DependencyUnavailable(
        writer.name,
        new StatementRefused(writer.name, outcome.refusal, undefined),
      );
    },

    async beat(databaseCluster, deadline) {
      await affect(writerOf(databaseCluster), beatHeart(databaseCluster), deadline);
    },

    async lagMs(databaseCluster, replica, deadline) {
      const database = replicaOf(clusters, databaseCluster, replica);
      const rows = await readRows(database, readLag(databaseCluster), deadline);
      return integer(onlyRow(rows, database, 'heartbeat'), 'lag_ms');
    },

    async recordGrant(databaseCluster, redis, lengthMs, unfencedAgeMs, deadline) {
      const writer = writerOf(databaseCluster);
      const results = await transactIfGuarded(
        writer,
        {
          guard: [lockGrant(databaseCluster, redis), ...writerGuard(databaseCluster, { slots: [] })],
          body: [
            recordGrant(databaseCluster, redis, lengthMs, unfencedAgeMs),
            readGrant(databaseCluster, redis),
          ],
        },
        deadline,
      );
      if (!results) return { kind: 'not-the-writer' };
      const grant = onlyRow(resultAt(results, 1).rows, writer, 'redis_grant');
      if (resultAt(results, 0).affectedRows === 1) {
        return { kind: 'recorded', lengthMs: Math.min(lengthMs, integer(grant, 'length_ms')) };
      }
      if (integer(grant, 'suspended') === 0) return { kind: 'unfenced' };
      return { kind: 'suspended', count: integer(grant, 'relied_count') };
    },

    async suspend(databaseCluster, redis, deadline) {
      const writer = writerOf(databaseCluster);
      const results = await transactIfGuarded(
        writer,
        {
          guard: [suspendGrant(databaseCluster, redis), ...writerGuard(databaseCluster, { slots: [] })],
          body: [readGrantEnd(databaseCluster, redis)],
        },
        deadline,
      );
      if (!results) throw leaseEnded(writer);
      return integer(onlyRow(resultAt(results, 0).rows, writer, 'redis_grant'), 'grant_ends_in_ms');
    },

    async resume(databaseCluster, redis, count, deadline) {
      const writer = writerOf(databaseCluster);
      const results = await transactIfGuarded(
        writer,
        {
          guard: writerGuard(databaseCluster, { slots: [] }),
          body: [resumeGrant(databaseCluster, redis, count)],
        },
        deadline,
      );
      if (!results) throw leaseEnded(writer);
      return resultAt(results, 0).affectedRows === 1 ? 'resumed' : 'counted-since';
    },

    async suspended(databaseCluster, deadline) {
      const rows = await readRows(writerOf(databaseCluster), suspendedGrants(databaseCluster), deadline);
      return rows.map((row) => text(row, 'redis'));
    },

    async lastSequence(databaseCluster, deadline) {
      const writer = writerOf(databaseCluster);
      const rows = await readRows(writer, lastSequenceInOutbox(databaseCluster), deadline);
      return integer(onlyRow(rows, writer, 'outbox'), 'last');
    },
  };
}

/** The results of a transaction's body, or null when a guard of it did not hold and nothing was changed. */
async function transactIfGuarded(
  writer: Database,
  transaction: Transaction,
  deadline: Deadline,
): Promise<readonly StatementResult[] | null> {
  const outcome = await transact(writer, transaction, deadline);
  if (outcome.kind === 'committed') return outcome.body;
  if (outcome.refusal === 'guard') return null;
  throw new DependencyUnavailable(writer.name, new StatementRefused(writer.name, outcome.refusal, undefined));
}

function leaseEnded(writer: Database): DependencyUnavailable {
  return new DependencyUnavailable(
    writer.name,
    new Error('its lease to write has ended, or its epoch is closed'),
  );
}
