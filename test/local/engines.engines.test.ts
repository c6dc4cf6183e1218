import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Connection, createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type DatabasePreparation,
  type Engines,
  type PartName,
  startEngines,
} from '../../scripts/local/engines.ts';
import { pollUntil } from '../../scripts/local/polling.ts';
import { probe } from '../../scripts/local/probes.ts';
import { isAlive } from '../../scripts/local/process-identity.ts';
import { readRecords, runDirectoryOf } from '../../scripts/local/process-records.ts';

const BASE_PORT = 5160;
const PARTS: PartName[] = ['mysql-a', 'mysql-b-0', 'redis-a-0', 'aws-witness'];
/** One is enough of what takes longest. */
const FIRST_PARTS: PartName[] = [...PARTS, 'search-primary'];
const STARTER = fileURLToPath(new URL('./programs/start-engines.ts', import.meta.url));

const prepareWriter: DatabasePreparation = {
  fingerprint: 'test/local 1',
  databases: ['slot\\_%'],
  apply: (adminUrl) =>
    write(
      adminUrl,
      'CREATE DATABASE IF NOT EXISTS slot_0; CREATE TABLE IF NOT EXISTS slot_0.note (text VARCHAR(20) PRIMARY KEY)',
    ),
};

let directory: string;
let engines: Engines;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'membership-engines-'));
  chmodSync(directory, 0o755);
  engines = await start(FIRST_PARTS);
});

afterAll(async () => {
  await engines?.stop();
  rmSync(directory, { recursive: true, force: true });
});

function start(parts = PARTS): Promise<Engines> {
  return startEngines({ directory, basePort: BASE_PORT, parts, prepareWriter });
}

async function write(uri: string, sql: string): Promise<void> {
  const connection = await createConnection({ uri, multipleStatements: true });
  await connection.query(sql).finally(() => connection.destroy());
}

/** As the service connects. */
function connect(part: PartName): Promise<Connection> {
  const { databaseUser: user, databasePassword: password } = engines.secrets;
  return createConnection({ uri: engines.endpoints[part], user, password });
}

async function run(part: PartName, sql: string): Promise<unknown[]> {
  const connection = await connect(part);
  try {
    return (await connection.query(sql))[0] as unknown[];
  } finally {
    connection.destroy();
  }
}

async function replicates(text: string): Promise<boolean> {
  await run('mysql-a', `INSERT INTO slot_0.note VALUES ('${text}')`);
  const arrived = async () =>
    (await run('mysql-b-0', `SELECT * FROM slot_0.note WHERE text = '${text}'`)).length === 1;
  return pollUntil(arrived, { deadlineMs: 20_000 });
}

function register(operation: string, body: object): Promise<{ Item?: { epoch: { N: string } } }> {
  return fetch(engines.endpoints['aws-witness'], {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDB_20120810.${operation}`,
      authorization: 'AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-1/dynamodb/aws4_request',
    },
    body: JSON.stringify({ TableName: 'register', ...body }),
  }).then((response) => response.json() as Promise<{ Item?: { epoch: { N: string } } }>);
}

describe('the engines', () => {
  it('all answer where they say', async () => {
    expect(engines.parts.map((part) => part.state)).toEqual(FIRST_PARTS.map(() => 'up'));
    for (const part of engines.parts) expect(await probe(part.address)).toBe('up');
  });

  it('replicate from the writer, and let the service write nowhere else', async () => {
    expect(await replicates('first')).toBe(true);
    await expect(run('mysql-b-0', "INSERT INTO slot_0.note VALUES ('astray')")).rejects.toThrow('read-only');
    await expect(run('mysql-a', 'SET GLOBAL read_only = 1')).rejects.toThrow('READ_ONLY ADMIN');
    await expect(run('mysql-a', 'SELECT * FROM mysql.global_priv')).rejects.toThrow('denied');
  });

  it('come back after being killed: a writer open, a replica following, a register with what it promised', async () => {
    await register('CreateTable', {
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      BillingMode: 'PAY_PER_REQUEST',
    });
    await register('PutItem', { Item: { id: { S: 'epoch' }, epoch: { N: '7' } } });
    const killed = ['mysql-a', 'mysql-b-0', 'aws-witness'] as const;
    await Promise.all(killed.map((part) => engines.engine(part).kill()));
    expect(await probe(engines.endpoints['mysql-a'])).toBe('down');
    // The replica first: it has to come up while its writer is away.
    await engines.engine('mysql-b-0').start();
    await Promise.all([engines.engine('mysql-a').start(), engines.engine('aws-witness').start()]);
    expect(await replicates('second')).toBe(true);
    expect((await register('GetItem', { Key: { id: { S: 'epoch' } } })).Item?.epoch.N).toBe('7');
  });

  it('can be stalled: connections open and nobody answers', async () => {
    await engines.engine('redis-a-0').stall();
    expect(await probe(engines.endpoints['redis-a-0'], { withinMs: 200 })).toBe('unresponsive');
    await engines.engine('redis-a-0').resume();
    expect(await probe(engines.endpoints['redis-a-0'])).toBe('up');
  });

  it('refuse a second start in the same directory', async () => {
    await expect(start()).rejects.toThrow('It already runs in');
  });

  it('keep their data across a restart of everything, and follow what a new schema asks for', async () => {
    await engines.stop();
    expect(readRecords(runDirectoryOf(directory))).toEqual([]);
    const added = 'CREATE TABLE IF NOT EXISTS slot_0.added (id INT PRIMARY KEY)';
    const newer = {
      ...prepareWriter,
      fingerprint: 'test/local 2',
      apply: (url: string) => write(url, added),
    };
    engines = await startEngines({ directory, basePort: BASE_PORT, parts: PARTS, prepareWriter: newer });
    expect(await run('mysql-b-0', 'SELECT text FROM slot_0.note ORDER BY text')).toEqual([
      { text: 'first' },
      { text: 'second' },
    ]);
    expect(await replicates('third')).toBe(true);
    expect(await run('mysql-b-0', 'SELECT * FROM slot_0.added')).toEqual([]);
    expect((await register('GetItem', { Key: { id: { S: 'epoch' } } })).Item?.epoch.N).toBe('7');
  });

  it('rebuild a replica that lost its data from the writer', async () => {
    await engines.stop();
    rmSync(join(directory, 'data', 'mysql-b-0'), { recursive: true });
    engines = await start();
    expect(await replicates('fourth')).toBe(true);
    expect(await run('mysql-b-0', 'SELECT text FROM slot_0.note')).toHaveLength(4);
  });
});

describe('an address in the environment', () => {
  it('is used instead of starting that part', async () => {
    const other = mkdtempSync(join(tmpdir(), 'membership-given-'));
    const given = await startEngines({
      directory: other,
      basePort: BASE_PORT + 100,
      parts: ['redis-a-0'],
      environment: { ...process.env, MEMBERSHIP_ENDPOINT_REDIS_A_0: 'redis://user:word@127.0.0.1:9' },
    });
    try {
      expect(given.endpoints['redis-a-0']).toBe('redis://user:word@127.0.0.1:9');
      expect(given.parts).toEqual([{ name: 'redis-a-0', state: 'given', address: 'redis://127.0.0.1:9' }]);
      expect(() => given.engine('redis-a-0')).toThrow('was not started here');
    } finally {
      await given.stop();
      rmSync(other, { recursive: true });
    }
  });
});

describe('engines whose owner is killed', () => {
  it('end with it', async () => {
    const other = mkdtempSync(join(tmpdir(), 'membership-killed-'));
    const args = [STARTER, other, String(BASE_PORT + 100), 'redis-a-0', 'aws-a', 'journal-a'];
    const owner = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(owner.stdout, 'data');
    const records = readRecords(runDirectoryOf(other));
    expect(records.filter(isAlive)).toHaveLength(3);
    owner.kill('SIGKILL');
    expect(await pollUntil(() => !records.some(isAlive), { deadlineMs: 20_000 })).toBe(true);
    rmSync(other, { recursive: true, force: true });
  });
});
