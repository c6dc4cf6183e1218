/** Everything that a copy keeps, as text, store by store: to look for what must not be there. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { createConnection } from 'mysql2/promise';

export interface Kept {
  /** The table, key, document or file. */
  readonly where: string;
  readonly text: string;
}

/** Every row of every table of the service. */
export async function rowsOf(adminUrl: string): Promise<readonly Kept[]> {
  const connection = await createConnection({ uri: adminUrl, multipleStatements: true, dateStrings: true });
  try {
    const [tables] = await connection.query(
      `SELECT CONCAT(table_schema, '.', table_name) AS name FROM information_schema.tables
       WHERE table_schema REGEXP '^(slot_|control_|journal)' ORDER BY name`,
    );
    const names = (tables as { name: string }[]).map(({ name }) => name);
    const kept: Kept[] = [];
    for (let first = 0; first < names.length; first += tablesAtOnce) {
      const some = names.slice(first, first + tablesAtOnce);
      const [results] = await connection.query(some.map((name) => `SELECT * FROM ${name}`).join(';'));
      const sets = some.length === 1 ? [results] : (results as unknown[]);
      for (const [index, rows] of sets.entries()) {
        for (const row of rows as object[])
          kept.push({ where: some[index] ?? '', text: JSON.stringify(row) });
      }
    }
    return kept;
  } finally {
    connection.destroy();
  }
}

const tablesAtOnce = 512;

/** Every key, with what stands there. */
export async function keysOf(redisUrl: string): Promise<readonly Kept[]> {
  const redis = new Redis(redisUrl, { lazyConnect: true });
  try {
    const kept: Kept[] = [];
    for await (const keys of redis.scanStream({ count: 1_000 }) as AsyncIterable<string[]>) {
      for (const key of keys) kept.push({ where: key, text: `${key} ${await contentOf(redis, key)}` });
    }
    return kept;
  } finally {
    redis.disconnect();
  }
}

async function contentOf(redis: Redis, key: string): Promise<string> {
  switch (await redis.type(key)) {
    case 'string':
      return (await redis.get(key)) ?? '';
    case 'hash':
      return JSON.stringify(await redis.hgetall(key));
    case 'none':
      return '';
    default:
      throw new Error(`${key} is of a kind that is not looked into`);
  }
}

/** Every document of every index, with its id. */
export async function documentsOf(searchUrl: string): Promise<readonly Kept[]> {
  await fetch(`${searchUrl}/_refresh`, { method: 'POST' });
  const kept: Kept[] = [];
  for (const index of ['members', 'identifiers']) {
    const response = await fetch(`${searchUrl}/${index}/_search?size=10000`);
    const { hits } = (await response.json()) as { hits: { total: { value: number }; hits: object[] } };
    if (hits.total.value > hits.hits.length) throw new Error(`${index} holds more than one page`);
    for (const hit of hits.hits) kept.push({ where: index, text: JSON.stringify(hit) });
  }
  return kept;
}

/** Every log file. */
export function logsOf(home: string): readonly Kept[] {
  const directory = join(home, 'logs');
  return readdirSync(directory).map((name) => ({
    where: name,
    text: readFileSync(join(directory, name), 'utf8'),
  }));
}
