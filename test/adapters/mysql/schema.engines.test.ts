import { randomBytes } from 'node:crypto';
import type { Connection } from 'mysql2/promise';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { applySchema, contractSchema } from '../../../functions/adapters/mysql/schema/apply.ts';
import { type Migrations, migrations } from '../../../functions/adapters/mysql/schema/migrations.ts';
import { controlSchema } from '../../../functions/adapters/mysql/schema/names.ts';
import { grantService } from '../../../functions/adapters/mysql/schema/service-grants.ts';
import { addressOf } from './connections.ts';
import { connect } from './interleaving.ts';

const slots = { first: 1000, last: 1019 };

describe('schema', () => {
  let admin: Connection;
  /** A database cluster of the test's own; its slots get a table of their own beside the real ones. */
  let cluster: string;
  let table: string;

  beforeEach(async () => {
    admin = await connect('mysql-a-admin');
    cluster = `x${randomBytes(6).toString('hex')}`;
    table = `example_${cluster}`;
  });
  afterEach(async () => {
    await admin.query(`DROP DATABASE IF EXISTS ${controlSchema(cluster)}`);
    for (let slot = slots.first; slot <= slots.last; slot++) {
      await admin.query(`DROP TABLE IF EXISTS slot_${slot}.${table}`);
    }
    await admin.end();
  });

  const request = (to: Migrations, progress: string[] = []) => ({
    address: addressOf('mysql-a-admin'),
    clusters: [{ name: cluster, slots }],
    migrations: to,
    onProgress: (line: string) => progress.push(line),
  });
  const versionOne = (): Migrations => ({
    ...migrations,
    slot: [
      {
        version: 1,
        expand: (schema) => [`CREATE TABLE IF NOT EXISTS ${schema}.${table} (id INT PRIMARY KEY, old INT)`],
        contract: () => [],
      },
    ],
  });
  const versionTwo = (
    expand = (schema: string) => `ALTER TABLE ${schema}.${table} ADD COLUMN new INT`,
  ): Migrations => ({
    ...migrations,
    slot: [
      ...versionOne().slot,
      {
        version: 2,
        expand: (schema) => [expand(schema)],
        contract: (schema) => [`ALTER TABLE ${schema}.${table} DROP COLUMN old`],
      },
    ],
  });
  const columns = async (): Promise<Record<string, number>> => {
    const [rows] = await admin.query(
      'SELECT column_name AS name, COUNT(*) AS slots FROM information_schema.columns WHERE table_name = ? GROUP BY 1',
      [table],
    );
    return Object.fromEntries(
      (rows as { name: string; slots: number }[]).map((row) => [row.name, row.slots]),
    );
  };
  const versions = async () => {
    const [rows] = await admin.query(
      `SELECT schema_version, contracted_version, COUNT(*) AS slots FROM ${controlSchema(cluster)}.slot GROUP BY 1, 2`,
    );
    return rows;
  };

  test('expands, then contracts; each a second time changes nothing', async () => {
    await applySchema(request(versionOne()));
    for (let repetition = 0; repetition < 2; repetition++) {
      await applySchema(request(versionTwo()));
      expect(await columns()).toEqual({ id: 20, old: 20, new: 20 });
      expect(await versions()).toEqual([{ schema_version: 2, contracted_version: 0, slots: 20 }]);
    }
    for (let repetition = 0; repetition < 2; repetition++) {
      await contractSchema(request(versionTwo()));
      expect(await columns()).toEqual({ id: 20, new: 20 });
      expect(await versions()).toEqual([{ schema_version: 2, contracted_version: 2, slots: 20 }]);
    }
  });

  test('does not contract before everything is expanded', async () => {
    await applySchema(request(versionOne()));
    await expect(contractSchema(request(versionTwo()))).rejects.toMatchObject({ code: 'schema-failed' });
    expect(await columns()).toEqual({ id: 20, old: 20 });
  });

  test('goes on where a run was ended, whatever that had done of a slot', async () => {
    await applySchema(request(versionOne()));
    const good = versionTwo().slot[1]?.expand ?? (() => []);
    const failing = versionTwo((schema) => (schema === 'slot_1003' ? 'NONSENSE' : String(good(schema)[0])));
    await expect(applySchema(request(failing))).rejects.toMatchObject({ code: 'schema-failed' });
    const before = await columns();
    expect(before.new).toBeGreaterThan(0);
    expect(before.new).toBeLessThan(20);
    // One slot has its change, but the run died before it could say so.
    await admin.query(`ALTER TABLE slot_1004.${table} ADD COLUMN IF NOT EXISTS new INT`);
    await applySchema(request(versionTwo()));
    expect(await columns()).toEqual({ id: 20, old: 20, new: 20 });
  });

  test('leaves the rows that stand alone', async () => {
    await applySchema({ ...request(versionOne()), opening: { epoch: 3, centre: 'B' } });
    await applySchema(request(versionOne()));
    const control = controlSchema(cluster);
    const [rows] = await admin.query(
      `SELECT epoch, centre, valid_until < UTC_TIMESTAMP(6) AS closed, oldest_day
        FROM ${control}.epoch JOIN ${control}.write_lease JOIN ${control}.token_mark`,
    );
    expect(rows).toEqual([{ epoch: 3, centre: 'B', closed: 1, oldest_day: 0 }]);
  });

  test('only one run at a time', async () => {
    await admin.query("SELECT GET_LOCK('membership-schema', 0)");
    await expect(applySchema(request(versionOne()))).rejects.toThrow('another run');
    await admin.query("DO RELEASE_LOCK('membership-schema')");
  });

  test('the service may change rows, and nothing else', async () => {
    const user = `u${randomBytes(4).toString('hex')}`;
    await admin.query(`CREATE USER '${user}'@'127.0.0.1' IDENTIFIED BY 'secret'`);
    for (const grant of grantService(user, '127.0.0.1')) await admin.query(grant);
    const [rows] = await admin.query(`SHOW GRANTS FOR '${user}'@'127.0.0.1'`);
    const grants = (rows as Record<string, string>[]).flatMap((row) => Object.values(row)).slice(1);
    await admin.query(`DROP USER '${user}'@'127.0.0.1'`);
    expect(grants.map((grant) => grant.replace(/`/g, '').replace(/ TO .*/, '')).toSorted()).toEqual(
      ['control\\_%', 'journal', 'slot\\_%'].map((on) => `GRANT SELECT, INSERT, UPDATE, DELETE ON ${on}.*`),
    );
    expect(() => grantService("x'", '%')).toThrow();
  });
});
