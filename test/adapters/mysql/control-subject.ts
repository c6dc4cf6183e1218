import { makeClusterControl } from '../../../functions/adapters/mysql/cluster-control.ts';
import { makeOutbox } from '../../../functions/adapters/mysql/outbox.ts';
import { clusterRows } from '../../../functions/adapters/mysql/schema/first-rows.ts';
import { controlSchema } from '../../../functions/adapters/mysql/schema/names.ts';
import type { ControlSubject } from '../contract/control-subject.ts';
import { wallClock } from '../wall-clock.ts';
import { databaseOf, openHand } from './connections.ts';

const databaseCluster = 'c0';
const replica = 'mysql-b-0';
const schema = controlSchema(databaseCluster);

/** A cluster of the test engines. Its epoch and lease are put back at the end, and what was written goes. */
export async function makeMysqlControlSubject(): Promise<ControlSubject> {
  const [writer, behind] = [databaseOf('mysql-a'), databaseOf(replica)];
  const clusters = { [databaseCluster]: { writer, replicas: { [replica]: behind } } };
  const hand = await openHand('mysql-a');
  const follower = await openHand(`${replica}-admin`);
  await hand.run(...clusterRows(schema, { epoch: 1, centre: 'A' }));
  const [before] = await hand.sql(
    `SELECT e.epoch, e.centre, l.valid_until FROM ${schema}.epoch AS e JOIN ${schema}.write_lease AS l`,
  );
  const sequences: number[] = [];

  const subject: ControlSubject = {
    outbox: makeOutbox({ clusters }),
    control: makeClusterControl({ clusters }),
    databaseCluster,
    replica,
    clock: wallClock,
    async open({ epoch, centre }) {
      await hand.sql(`UPDATE ${schema}.epoch SET epoch = ?, centre = ?`, epoch, centre);
    },
    async setLease(lengthMs) {
      await hand.sql(
        `UPDATE ${schema}.write_lease SET valid_until = UTC_TIMESTAMP(6) + INTERVAL ? MICROSECOND`,
        lengthMs * 1000,
      );
    },
    async commit(event, sinks) {
      const [inserted] = await hand.run({
        sql: `INSERT INTO ${schema}.outbox (member_id, version, pending, event, committed_at)
          VALUES (?, ?, ?, ?, UTC_TIMESTAMP(6))`,
        values: [event.memberId, event.version, `,${sinks.join(',')},`, JSON.stringify(event)],
      });
      const sequence = inserted?.insertId ?? 0;
      sequences.push(sequence);
      return sequence;
    },
    async pass(ms) {
      for (const [table, column] of [
        ['outbox', 'committed_at'],
        ['redis_grant', 'grant_ends'],
        ['write_lease', 'valid_until'],
        ['heartbeat', 'beat_at'],
      ]) {
        await hand.sql(
          `UPDATE ${schema}.${table} SET ${column} = ${column} - INTERVAL ? MICROSECOND`,
          ms * 1000,
        );
      }
    },
    async holdReplica() {
      await follower.sql('STOP SLAVE SQL_THREAD');
    },
    async releaseReplica() {
      await follower.sql('START SLAVE SQL_THREAD');
      await hand.sql(`UPDATE ${schema}.heartbeat SET beat = beat + 1`);
      const beatOf = async (at: typeof hand) =>
        Number((await at.sql(`SELECT beat FROM ${schema}.heartbeat`))[0]?.beat);
      const newest = await beatOf(hand);
      const endsMs = performance.now() + 30_000;
      while ((await beatOf(follower)) < newest) {
        if (performance.now() > endsMs) throw new Error(`${replica} does not follow`);
      }
    },
    async end() {
      await follower.sql('START SLAVE SQL_THREAD');
      await follower.end();
      if (sequences.length > 0)
        await hand.sql(`DELETE FROM ${schema}.outbox WHERE sequence IN (?)`, sequences);
      await hand.sql(`DELETE FROM ${schema}.redis_grant WHERE redis LIKE 'redis-________-%'`);
      await hand.sql(`UPDATE ${schema}.epoch SET epoch = ?, centre = ?`, before?.epoch, before?.centre);
      await hand.sql(`UPDATE ${schema}.write_lease SET valid_until = ?`, before?.valid_until);
      await Promise.all([hand.end(), writer.end(), behind.end()]);
    },
  };
  await subject.open({ epoch: 1, centre: 'A' });
  await subject.setLease(60_000);
  return subject;
}
