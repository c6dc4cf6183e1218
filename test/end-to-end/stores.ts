/** Everything that a copy keeps, as text, store by store: to look for what must not be there. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DynamoDBClient, ListTablesCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { ListQueuesCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetParametersByPathCommand, SSMClient } from '@aws-sdk/client-ssm';
import { Redis } from 'ioredis';
import { createConnection } from 'mysql2/promise';

export interface Kept {
  /** The table, key, document or file. */
  readonly where: string;
  readonly text: string;
}

/** Every row of every table, but those that the engine keeps for itself. */
export async function rowsOf(adminUrl: string): Promise<readonly Kept[]> {
  const connection = await createConnection({ uri: adminUrl, multipleStatements: true, dateStrings: true });
  try {
    const [tables] = await connection.query(
      `SELECT CONCAT(table_schema, '.', table_name) AS name FROM information_schema.tables
       WHERE table_type = 'BASE TABLE'
         AND table_schema NOT IN ('information_schema', 'performance_schema', 'mysql', 'sys') ORDER BY name`,
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

/** The indexes that a search cluster has, hidden ones too. */
export async function indexesOf(searchUrl: string): Promise<readonly string[]> {
  const response = await fetch(`${searchUrl}/_cat/indices?format=json&expand_wildcards=all`);
  return ((await response.json()) as { index: string }[]).map(({ index }) => index).sort();
}

/** Every document of the service's indexes, with its id. */
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

/** What stands in queues (those of dead letters too), parameters and tables of a region. */
export async function awsStateOf(endpoint: string, region: string): Promise<readonly Kept[]> {
  const at = { endpoint, region, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
  const [sqs, ssm, tables] = [new SQSClient(at), new SSMClient(at), new DynamoDBClient(at)];
  const kept: Kept[] = [];
  const keep = (where: string, what: unknown): void => void kept.push({ where, text: JSON.stringify(what) });
  for (const QueueUrl of (await sqs.send(new ListQueuesCommand({}))).QueueUrls ?? []) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: 10,
        VisibilityTimeout: 0,
        WaitTimeSeconds: 0,
      }),
    );
    keep(QueueUrl, Messages);
  }
  for (let NextToken: string | undefined; ; ) {
    const page = await ssm.send(
      new GetParametersByPathCommand({ Path: '/', Recursive: true, WithDecryption: true, NextToken }),
    );
    for (const { Name = '', Value } of page.Parameters ?? []) keep(Name, Value);
    NextToken = page.NextToken;
    if (!NextToken) break;
  }
  for (const TableName of (await tables.send(new ListTablesCommand({}))).TableNames ?? [])
    keep(TableName, (await tables.send(new ScanCommand({ TableName }))).Items);
  for (const client of [sqs, ssm, tables]) client.destroy();
  return kept;
}

/** The files below a directory in whose bytes one of the texts stands. */
export function filesWith(directory: string, texts: readonly string[]): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    const args = ['-r', '-l', '-a', '-F', '-f', '-', directory];
    const grep = execFile('grep', args, { env: { LC_ALL: 'C' } }, (error, output, faults) => {
      // 1: nothing found. 2: some files could not be read, which may have gone meanwhile.
      if (error && error.code !== 1 && !/No such file/.test(faults)) reject(error);
      else resolve(output.split('\n').filter(Boolean));
    });
    grep.stdin?.end(`${texts.join('\n')}\n`);
  });
}
