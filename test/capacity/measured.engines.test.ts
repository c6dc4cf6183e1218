/** The sizes that the capacity model goes by, held to what the engines show of members that were registered. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { indexOf, readAliasOf } from '../../functions/adapters/opensearch/names.ts';
import { prepareSearch } from '../../functions/adapters/opensearch/prepare-search.ts';
import { deadlineAfter } from '../../functions/core/kernel/clock.ts';
import type { ImportEntry } from '../../functions/core/member/importer.ts';
import { schemaOfSlot, slotCount } from '../../functions/core/sharding/sharding.ts';
import { type MeasuredSize, measured, measuredWithin } from '../../scripts/capacity/assumptions.ts';
import { openHand } from '../adapters/mysql/connections.ts';
import { wallClock } from '../adapters/wall-clock.ts';
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
const indexPrefix = 'capacity-measured-';
const soon = () => deadlineAfter(wallClock, 30_000);

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
  // Other tests have left members of other sizes: only these are measured.
  const memberIds: string[] = [];
  for (let first = 0; first < entries.length; first += batchSize) {
    const outcomes = await at.importer(entries.slice(first, first + batchSize));
    for (const outcome of outcomes) {
      if (outcome.kind !== 'done') throw new Error(`not registered: ${outcome.kind}`);
      memberIds.push(outcome.receipt.memberId);
    }
  }

  const hand = await openHand('mysql-a-admin');
  try {
    await hand.sql(`DROP SCHEMA IF EXISTS ${schema}`);
    await hand.sql(`CREATE SCHEMA ${schema}`);
    for (const [table, key, figure] of tables) {
      const at = `${schema}.${table}`;
      await hand.sql(`CREATE TABLE ${at} LIKE ${schemaOfSlot(0)}.${table}`);
      // All tokens are alike, and know no member.
      const whose = table === 'token' ? '' : 'WHERE member_id IN (?)';
      for (let slot = 0; slot < slotCount; slot++)
        await hand.sql(
          `INSERT IGNORE INTO ${at} SELECT * FROM ${schemaOfSlot(slot)}.${table} ${whose} LIMIT 50`,
          memberIds,
        );
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

  const asked = async <Answer>(method: string, path: string, ...body: readonly object[]): Promise<Answer> => {
    const answer = await fetch(`${engineAddress('search-primary')}/${path}`, {
      method,
      ...(body.length > 0 && {
        body: body.map((line) => `${JSON.stringify(line)}\n`).join(''),
        headers: { 'content-type': 'application/x-ndjson' },
      }),
    });
    expect(answer.ok, `${method} ${path}: ${answer.status}`).toBe(true);
    return (await answer.json()) as Answer;
  };
  const size = { epoch: 1, shards: 1, replicas: 0, indexPrefix };
  await prepareSearch({ ...size, url: engineAddress('search-primary'), clock: wallClock, deadline: soon() });
  for (const [kind, figure, query] of [
    ['members', 'memberDocumentBytes', { ids: { values: memberIds } }],
    ['identifiers', 'identifierDocumentBytes', { terms: { memberId: memberIds } }],
  ] as const) {
    const index = indexOf(indexPrefix, kind);
    const read = readAliasOf('protocol-', kind);
    await asked('POST', `${read}/_refresh`);
    const { hits } = await asked<{
      hits: { hits: readonly { _id: string; _routing: string; _source: object }[] };
    }>('POST', `${read}/_search`, { query, size: 10_000 });
    const copies = hits.hits.flatMap(({ _id, _routing: routing, _source }) => [
      { index: { _id, routing } },
      _source,
    ]);
    await asked('POST', `${index}/_bulk?refresh=true`, ...copies);
    await asked('POST', `${index}/_forcemerge?max_num_segments=1&flush=true`);
    const { _all: all } = await asked<{
      _all: { primaries: { docs: { count: number }; store: { size_in_bytes: number } } };
    }>('GET', `${index}/_stats/store,docs`);
    expect(all.primaries.docs.count).toBe(memberIds.length * (kind === 'members' ? 1 : 4));
    found.set(figure, all.primaries.store.size_in_bytes / all.primaries.docs.count);
    await asked('DELETE', index);
    await asked('DELETE', `_index_template/${readAliasOf(indexPrefix, kind)}`);
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
