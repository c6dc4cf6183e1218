import { afterEach, expect, test } from 'vitest';
import { type Database, makeDatabase } from '../../../functions/adapters/mysql/database.ts';
import { deadlineAfter } from '../../../functions/core/kernel/clock.ts';
import { wallClock } from '../wall-clock.ts';
import { addressOf } from './connections.ts';
import { connect, untilCarriedOut } from './interleaving.ts';

const opened: Database[] = [];
afterEach(async () => {
  for (const database of opened.splice(0)) await database.end();
});

function open(options: { connectionsMax?: number; waitingMax?: number; port?: number } = {}): Database {
  const { connectionsMax = 2, port = addressOf('mysql-a').port, ...rest } = options;
  const address = { ...addressOf('mysql-a'), port };
  const database = makeDatabase({
    name: 'database test',
    address,
    connectionsMax,
    clock: wallClock,
    ...rest,
  });
  opened.push(database);
  return database;
}

const soon = (ms = 5_000) => deadlineAfter(wallClock, ms);
const unavailable = { code: 'dependency-unavailable', part: 'database test' };

test('numbers arrive as numbers, times as texts, and values as they were sent', async () => {
  const value = String.raw`'); DROP TABLE x; -- \' " \ ? 会员`;
  const [first, second] = await open().run(
    [
      { sql: 'SELECT CAST(? AS SIGNED) AS big, CEIL(7.5 / 2) AS decimals', values: [2 ** 53 - 1] },
      {
        sql: "SELECT ? AS value, CAST('2026-01-02 03:04:05.678901' AS DATETIME(6)) AS at, NULL AS no",
        values: [value],
      },
    ],
    soon(),
  );
  expect(first?.rows).toEqual([{ big: 2 ** 53 - 1, decimals: 4 }]);
  expect(second?.rows).toEqual([{ value, at: '2026-01-02 03:04:05.678901', no: null }]);
});

test('an object by mistake is a text, and no part of the statement', async () => {
  const [result] = await open().run([{ sql: 'SELECT ? AS value', values: [{ id: 1 }] }], soon());
  expect(result?.rows).toEqual([{ value: '[object Object]' }]);
});

test('every connection reads what is committed, in strict mode and UTC', async () => {
  const sql = 'SELECT @@transaction_isolation AS isolation, @@sql_mode AS mode, @@time_zone AS zone';
  const [result] = await open().run([{ sql }], soon());
  expect(result?.rows).toEqual([
    { isolation: 'READ-COMMITTED', mode: 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', zone: '+00:00' },
  ]);
});

test('a refused transaction is rolled back before its connection is used again', async () => {
  const database = open({ connectionsMax: 1 });
  const guard = 'SELECT 9223372036854775807 + 1 FROM control_c0.epoch';
  const lock = 'SELECT slot FROM control_c0.slot WHERE slot = 7 FOR UPDATE';
  const refused = database.run([{ sql: 'START TRANSACTION' }, { sql: lock }, { sql: guard }], soon());
  await expect(refused).rejects.toMatchObject({ code: 'statement-refused', refusal: 'guard' });
  const other = await connect('mysql-a');
  await other.query(`${lock} NOWAIT`);
  other.destroy();
  expect(await database.run([{ sql: 'SELECT 1 AS one' }], soon())).toMatchObject([{ rows: [{ one: 1 }] }]);
});

test('a broken statement, a server that is not there and a deadline that has passed are all unavailability', async () => {
  const one = [{ sql: 'SELECT 1' }];
  await expect(open().run([{ sql: 'SELEKT' }], soon())).rejects.toMatchObject(unavailable);
  await expect(open({ port: 1 }).run(one, soon())).rejects.toMatchObject(unavailable);
  await expect(open({ port: 1 }).run(one, soon(0))).rejects.toMatchObject(unavailable);
});

test('a call that is late gives its connection up, and those that wait get new ones', async () => {
  const [admin, holder] = [await connect('mysql-a-admin'), await connect('mysql-a')];
  const database = open({ connectionsMax: 1, waitingMax: 1 });
  const locked = 'SELECT slot FROM control_c1.slot WHERE slot = 900 FOR UPDATE';
  await holder.query('START TRANSACTION');
  await holder.query(locked);
  const stuck = database.run([{ sql: locked }], soon(1_000));
  await untilCarriedOut(admin, 'slot = 900');
  const waiting = database.run([{ sql: 'SELECT 1 AS one' }], soon(3_000));
  // One may wait: whoever comes after fails at once.
  await expect(database.run([{ sql: 'SELECT 1' }], soon())).rejects.toMatchObject(unavailable);
  await expect(stuck).rejects.toMatchObject(unavailable);
  expect(await waiting).toMatchObject([{ rows: [{ one: 1 }] }]);
  holder.destroy();
  admin.destroy();
});
