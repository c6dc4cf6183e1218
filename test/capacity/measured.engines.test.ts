/** The sizes that the capacity model goes by, held to what the engines show of members that were registered. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readAliasOf } from '../../functions/adapters/opensearch/names.ts';
import type { ImportEntry } from '../../functions/core/member/importer.ts';
import { schemaOfSlot, slotCount } from '../../functions/core/sharding/sharding.ts';
import { type MeasuredSize, measured, measuredWithin } from '../../scripts/capacity/assumptions.ts';
import { openHand } from '../adapters/mysql/connections.ts';
import { engineAddress } from '../engines.ts';
import { type Centres, makeCentres } from '../protocol/centres.ts';
import {
  freshAccount,
  freshCardNo,
  freshPhone,
  freshRequest,
  freshUnionId,
  readBy,
} from '../protocol/requests.ts';

const batches = 8;
const batchSize = 60;
/** Doublings of the rows: few pages would say more about pages than about rows. */
const doublings = 6;
const schema = 'capacity_measured';

let centres: Centres;
beforeAll(async () => {
  centres = await makeCentres();
  await centres.reset();
});
afterAll(() => centres?.end());

const entry = (): ImportEntry => ({
  input: { name: '王小明', identifiers: [freshPhone(), freshUnionId(), freshCardNo(), freshAccount()] },
  request: freshRequest(),
});

/** Each table, what its rows are told apart by, and the figure. */
const tables = [
  ['member', 'member_id', 'memberRowBytes'],
  ['directory', 'identifier_key', 'directoryRowBytes'],
  ['history', 'member_id', 'historyRowBytes'],
  ['token', 'token', 'tokenRowBytes'],
  ['idempotency', 'idempotency_key', 'idempotencyRowBytes'],
] as const;

test('rows, documents, entries and fences are as large as the model says', async () => {
  const found = new Map<MeasuredSize, number>();
  const at = centres.process('A');
  const entries = Array.from({ length: batches * batchSize }, entry);
  for (let first = 0; first < entries.length; first += batchSize) {
    const outcomes = await at.importer(entries.slice(first, first + batchSize));
    expect(outcomes.every(({ kind }) => kind === 'done')).toBe(true);
  }

  const hand = await openHand('mysql-a-admin');
  try {
    await hand.sql(`DROP SCHEMA IF EXISTS ${schema}`);
    await hand.sql(`CREATE SCHEMA ${schema}`);
    for (const [table, key, figure] of tables) {
      const at = `${schema}.${table}`;
      await hand.sql(`CREATE TABLE ${at} LIKE ${schemaOfSlot(0)}.${table}`);
      for (let slot = 0; slot < slotCount; slot++)
        await hand.sql(`INSERT IGNORE INTO ${at} SELECT * FROM ${schemaOfSlot(slot)}.${table} LIMIT 50`);
      const columns = (await hand.sql(`SHOW COLUMNS FROM ${at}`)) as readonly { Field: string }[];
      const copied = columns.map(({ Field }) =>
        Field === key ? `LEFT(SHA2(CONCAT(RAND(), ${key}), 256), LENGTH(${key}))` : Field,
      );
      for (let round = 0; round < doublings; round++)
        await hand.sql(`INSERT IGNORE INTO ${at} SELECT ${copied.join(', ')} FROM ${at}`);
      await hand.sql(`ANALYZE TABLE ${at}`);
      const [size] = (await hand.sql(
        `SELECT data_length + index_length AS bytes, (SELECT COUNT(*) FROM ${at}) AS count_
           FROM information_schema.tables WHERE table_schema = ? AND table_name = ?`,
        schema,
        table,
      )) as readonly { bytes: number; count_: number }[];
      found.set(figure, Number(size?.bytes) / Number(size?.count_));
    }
  } finally {
    await hand.sql(`DROP SCHEMA IF EXISTS ${schema}`);
    await hand.end();
  }

  for (const [kind, figure] of [
    ['members', 'memberDocumentBytes'],
    ['identifiers', 'identifierDocumentBytes'],
  ] as const) {
    const index = `${engineAddress('search-primary')}/${readAliasOf('protocol-', kind)}`;
    await fetch(`${index}/_forcemerge?max_num_segments=1&flush=true`, { method: 'POST' });
    const { _all: all } = (await (await fetch(`${index}/_stats/store,docs`)).json()) as {
      _all: { primaries: { docs: { count: number }; store: { size_in_bytes: number } } };
    };
    found.set(figure, all.primaries.store.size_in_bytes / all.primaries.docs.count);
  }

  const bytesOf = async (prefix: string): Promise<number> => {
    const sizes: number[] = [];
    for (const name of ['redis-a-0', 'redis-a-1']) {
      const redis = centres.redis(name);
      for (const key of await redis.keys(`${prefix}:*`)) sizes.push(Number(await redis.memory('USAGE', key)));
    }
    return sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
  };
  found.set('fenceBytes', await bytesOf('f'));
  for (const { input } of entries.slice(0, 40)) {
    const [identifier] = input.identifiers;
    if (identifier) await at.reader.lookUp(identifier, readBy(at));
  }
  found.set('cacheEntryBytes', await bytesOf('v'));

  const shares = [...found].map(
    ([name, bytes]) => [name, Math.round(bytes), bytes / measured[name]] as const,
  );
  expect(shares.map(([name]) => name).sort()).toEqual(Object.keys(measured).sort());
  for (const [name, bytes, share] of shares) {
    expect(share, `${name}: ${bytes} B`).toBeGreaterThan(1 - measuredWithin);
    expect(share, `${name}: ${bytes} B`).toBeLessThan(1 + measuredWithin);
  }
});
