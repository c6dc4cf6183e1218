import { makeDatabase } from '../../../functions/adapters/mysql/database.ts';
import { makeMysqlDigests } from '../../../functions/adapters/mysql/digests.ts';
import { makeMysqlDirectory } from '../../../functions/adapters/mysql/directory.ts';
import {
  makeMysqlReplicaHistory,
  makeMysqlWriterHistory,
} from '../../../functions/adapters/mysql/history-source.ts';
import {
  makeMysqlReplicaSource,
  makeMysqlWriterSource,
} from '../../../functions/adapters/mysql/member-source.ts';
import { makeMysqlMemberStore } from '../../../functions/adapters/mysql/member-store.ts';
import { makeMysqlMemberWalk } from '../../../functions/adapters/mysql/member-walk.ts';
import { makeMysqlRegistrations } from '../../../functions/adapters/mysql/registrations.ts';
import { controlSchema } from '../../../functions/adapters/mysql/schema/names.ts';
import { makeMysqlTokens } from '../../../functions/adapters/mysql/tokens.ts';
import { makeMysqlTrimming } from '../../../functions/adapters/mysql/trimming.ts';
import { deadlineAfter } from '../../../functions/core/kernel/clock.ts';
import { dayOf } from '../../../functions/core/kernel/ids.ts';
import { schemaOfSlot } from '../../../functions/core/sharding/sharding.ts';
import type { DigestsSubject } from '../contract/digests.ts';
import type { HistorySubject } from '../contract/history-source.ts';
import type { MemberWalkSubject } from '../contract/member-walk.ts';
import { sharding } from '../contract/writer-subject.ts';
import { wallClock } from '../wall-clock.ts';
import { addressOf } from './connections.ts';

const schemaOf = (text: string) => schemaOfSlot(sharding.slotOf(text));
const inMs = 'UTC_TIMESTAMP(6) + INTERVAL ? MICROSECOND';

/** The adapters on the tests' writer. It stands in for its own replica: what a replica lacks is not tested here. */
export async function makeMysqlSubject() {
  const writer = makeDatabase({
    name: 'database test',
    address: addressOf('mysql-a'),
    connectionsMax: 40,
    clock: wallClock,
  });
  const moved: number[] = [];
  const run = async (sql: string, ...values: unknown[]) => {
    const [result] = await writer.run([{ sql, values }], deadlineAfter(wallClock, 10_000));
    return result?.rows ?? [];
  };
  const setLease = async (databaseCluster: string, remainingMs: number) => {
    await run(
      `UPDATE ${controlSchema(databaseCluster)}.write_lease SET valid_until = ${inMs} WHERE id = 1`,
      remainingMs * 1000,
    );
  };
  const setEpoch = async (databaseCluster: string, epoch: number) => {
    await run(`UPDATE ${controlSchema(databaseCluster)}.epoch SET epoch = ? WHERE id = 1`, epoch);
  };
  const setOldestTokenDay = async (databaseCluster: string, day: number) => {
    await run(`UPDATE ${controlSchema(databaseCluster)}.token_mark SET oldest_day = ? WHERE id = 1`, day);
  };
  const setSlot = async (slot: number, state: 'here' | 'moved') => {
    const control = controlSchema(sharding.clusterOfSlot(slot));
    await run(`UPDATE ${control}.slot SET state = ? WHERE slot = ?`, state, slot);
  };
  const restore = async (leaseMs: number) => {
    for (const databaseCluster of sharding.clusters) {
      await setLease(databaseCluster, leaseMs);
      await setEpoch(databaseCluster, 1);
      await setOldestTokenDay(databaseCluster, 0);
      await run(`DELETE FROM ${controlSchema(databaseCluster)}.redis_grant WHERE redis LIKE 'redis-x-%'`);
    }
    for (const slot of moved.splice(0)) await setSlot(slot, 'here');
  };
  await restore(3_600_000);

  const clusters = {
    c0: { writer, replicas: { 'b-0': writer } },
    c1: { writer, replicas: { 'b-0': writer } },
  };
  const options = { clusters, sharding };
  return {
    clock: wallClock,
    run,
    members: makeMysqlMemberStore(options),
    walk: makeMysqlMemberWalk(options),
    digests: makeMysqlDigests(options),
    replicaDigests: makeMysqlDigests({ ...options, replica: 'b-0' }),
    registrations: makeMysqlRegistrations(options),
    directory: makeMysqlDirectory(options),
    tokens: makeMysqlTokens(options),
    trimming: makeMysqlTrimming(options),
    databaseDay: () => dayOf(Date.now()),
    writer: makeMysqlWriterSource({ name: 'writer', ...options }),
    writerHistory: makeMysqlWriterHistory(options),
    replicaHistory: makeMysqlReplicaHistory({ ...options, replica: 'b-0' }),
    replicaName: 'b-0',
    replica: makeMysqlReplicaSource({ name: 'replica', ...options, choose: (_, [first = '']) => first }),
    setLease,
    setEpoch,
    setOldestTokenDay,
    async moveSlot(slot) {
      moved.push(slot);
      await setSlot(slot, 'moved');
    },
    async suspend(databaseCluster, redis, grantEndsInMs) {
      await run(
        `INSERT INTO ${controlSchema(databaseCluster)}.redis_grant (redis, grant_ends, suspended, relied_count)
          VALUES (?, ${inMs}, 1, 0)`,
        redis,
        grantEndsInMs * 1000,
      );
    },
    async expireClaim(key) {
      await run(
        `UPDATE ${schemaOf(key)}.directory SET claim_ends = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND
          WHERE identifier_key = ?`,
        key,
      );
    },
    async ageRequest(memberId: string, ms: number, version?: number) {
      await run(
        `UPDATE ${schemaOf(memberId)}.idempotency SET committed_at = committed_at - INTERVAL ? MICROSECOND
          WHERE member_id = ? AND version = COALESCE(?, version)`,
        ms * 1000,
        memberId,
        version ?? null,
      );
    },
    async ageRegistration(caller, key, ms) {
      await run(
        `UPDATE ${schemaOf(`${caller}\u0000${key}`)}.registration SET begun_at = begun_at - INTERVAL ? MICROSECOND
          WHERE caller = ? AND idempotency_key = ?`,
        ms * 1000,
        caller,
        key,
      );
    },
    async decided(memberId, tokens) {
      const [row] = await run(
        `SELECT COUNT(*) AS decided FROM ${schemaOf(memberId)}.token WHERE token IN (?)`,
        tokens,
      );
      return Number(row?.decided);
    },
    async tracesOf(memberId) {
      const tables = [
        `${controlSchema(sharding.clusterOf(memberId))}.outbox`,
        `${schemaOf(memberId)}.history`,
        `${schemaOf(memberId)}.idempotency`,
      ];
      const counts = tables.map((table) => `(SELECT COUNT(*) FROM ${table} WHERE member_id = ?)`);
      const [row] = await run(`SELECT ${counts.join(' + ')} AS traces`, memberId, memberId, memberId);
      return Number(row?.traces);
    },
    async catchUp() {},
    async end() {
      await restore(0);
      await writer.end();
    },
  } satisfies DigestsSubject & HistorySubject & MemberWalkSubject & Record<string, unknown>;
}
