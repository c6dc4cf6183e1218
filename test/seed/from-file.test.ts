import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { makeBodies } from '../../functions/runtime/api/schemas.ts';
import { FileFault } from '../../scripts/seed/bodies.ts';
import { checkName, fromFile, runOf } from '../../scripts/seed/from-file.ts';
import { makeRequestOf } from '../../scripts/seed/request.ts';
import type { Item } from '../../scripts/seed/run.ts';

const platforms = ['tongcheng-app', 'elong-app'];
const directory = mkdtempSync(join(tmpdir(), 'membership-seed-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const requestOf = makeRequestOf({ hash: (...parts) => parts.join('|') });

async function read(name: string, content: string | Buffer): Promise<readonly Item[]> {
  const path = join(directory, name);
  writeFileSync(path, content);
  const items: Item[] = [];
  const from = fromFile(path, await runOf(path), { bodies: makeBodies(platforms), platforms, requestOf });
  for await (const item of from) items.push(item);
  return items;
}

/** Of each line, what it came to. */
const said = (items: readonly Item[]) =>
  items.map((item) =>
    'entry' in item
      ? [item.line, item.entry.input.name, ...item.entry.input.identifiers.map(({ value }) => value)]
      : [item.line, item.rejection.code, ...item.rejection.errors.map(({ path }) => path)],
  );

test('a CSV: columns in any order, quotes, empty fields, both ends of lines, every fault with its line', async () => {
  const content = [
    '\uFEFFelong-app,name,phone,tongcheng-app',
    'el-1,王小明,+8613800000001,tc-1',
    ',"Lovelace, Ada",,tc-2',
    '',
    'el-3,,+8613800000003,',
    'el-4,Bob,12345,tc 4',
    'el-5,Eve',
    'el-6,"Eve,,',
    ',Nobody,+8613800000007,',
    'el-8,李雷,,',
  ].join('\r\n');
  expect(said(await read('a.csv', content))).toEqual([
    [2, '王小明', '+8613800000001', 'el-1', 'tc-1'],
    [3, 'Lovelace, Ada', 'tc-2'],
    [5, 'invalid-request', '/name'],
    [6, 'invalid-request', '/accounts/1/accountId', '/phone'],
    [7, 'malformed-csv'],
    [8, 'malformed-csv'],
    [9, 'invalid-request', '/accounts'],
    [10, '李雷', 'el-8'],
  ]);
});

test('JSON lines: bodies of the API, every fault with its line, and never a value', async () => {
  const account = { platform: 'elong-app', accountId: 'el-1' };
  const lines = [
    JSON.stringify({ name: 'Ada', accounts: [account], cardNo: '600100200300' }),
    '{"name": "Bob", ',
    JSON.stringify({
      name: 'Bob',
      accounts: [{ platform: 'other', accountId: 'secret value' }],
      '13800000000': 1,
    }),
    `{"name": "${'x'.repeat(70_000)}"}`,
    JSON.stringify({ name: 'Eve', accounts: [account] }),
  ];
  const content = Buffer.concat([
    Buffer.from(`${lines.join('\n')}\n`),
    Buffer.from([0x22, 0xff, 0x22, 0x0a]),
  ]);
  const items = await read('a.jsonl', content);
  expect(said(items)).toEqual([
    [1, 'Ada', '600100200300', 'el-1'],
    [2, 'malformed-json'],
    [3, 'invalid-request', '/accounts/0/platform', '/accounts/0/accountId', ''],
    [4, 'line-too-long'],
    [5, 'Eve', 'el-1'],
    [6, 'not-utf-8'],
  ]);
  const rejections = JSON.stringify(items.flatMap((item) => ('rejection' in item ? [item.rejection] : [])));
  expect(rejections).not.toMatch(/secret|1380|other/);
  expect(items.at(-1)?.done).toBe(1);
});

test('a line is the same request again, and another one with other content or in another file', async () => {
  const keys = (items: readonly Item[]) =>
    items.map((item) => ('entry' in item ? item.entry.request.idempotencyKey : ''));
  const line = (name: string) =>
    `${JSON.stringify({ name, accounts: [{ platform: 'elong-app', accountId: 'a' }] })}\n`;
  const first = keys(await read('b.jsonl', line('Ada') + line('Bob')));
  expect(keys(await read('c.jsonl', line('Ada') + line('Bob')))).toEqual(first);
  expect(new Set([...first, ...keys(await read('d.jsonl', line('Ada') + line('Eve')))]).size).toBe(4);
  for (const key of first) expect(key.length).toBeLessThanOrEqual(128);
});

test.each([
  ['an unknown column', 'name,phon,elong-app\n'],
  ['a column twice', 'name,elong-app,name\n'],
  ['no account', 'name,phone\n'],
  ['no name', 'phone,elong-app\n'],
  ['no CSV', '"name\n'],
])('a header with %s is no header', async (_, content) => {
  await expect(read('e.csv', content)).rejects.toThrow(FileFault);
});

test('a file of another kind is refused by its name', () => {
  expect(() => checkName('members.xlsx')).toThrow(FileFault);
  for (const name of ['a.csv', 'A.CSV', 'a.jsonl', 'a.ndjson']) checkName(name);
});
