/** The command as an operator runs it, on the running copy. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { lookUp, makeApi, newIdentifiers } from './api.ts';
import { runScript } from './copy.ts';
import { everywhere, runningCopy } from './running.ts';

const copy = runningCopy();
const { A, B } = everywhere(copy);
const api = makeApi(copy.status.callers.orders.key);
const directory = mkdtempSync(join(tmpdir(), 'membership-seed-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const seed = (...args: string[]) => runScript('scripts/seed.ts', args, { MEMBERSHIP_HOME: copy.home });

test('300 made-up people are registered, and a second run finds them all done', async () => {
  for (let repetition = 0; repetition < 2; repetition++) {
    const { exitCode, output } = await seed('--members', '300', '--seed', '69');
    expect(exitCode, output).toBe(0);
    expect(output).toContain('300 members are registered, acknowledged in both centres');
  }
});

test('every good line of a file is in and found in both centres; every other is told by number and reason', async () => {
  const path = join(directory, 'members.csv');
  const people = Array.from({ length: 30 }, newIdentifiers);
  const rowOf = (person: (typeof people)[number], phone = person.phone): string =>
    [person.name, phone, person.unionId, person.cardNo, person.accounts[0]?.accountId].join(',');
  const lines = [
    'name,phone,unionId,cardNo,tongcheng-app',
    ...people.map((person) => rowOf(person)),
    rowOf(newIdentifiers(), people[3]?.phone),
    rowOf(newIdentifiers(), '12345'),
    'too,short',
  ];
  writeFileSync(path, `${lines.join('\n')}\n`);
  for (let repetition = 0; repetition < 2; repetition++) {
    const { exitCode, output } = await seed('--file', path);
    expect(exitCode, output).toBe(1);
    expect(output).toContain('30 members are registered');
    const rejected = readFileSync(`${path}.rejected.jsonl`, 'utf8').trim().split('\n');
    expect(rejected.map((line) => JSON.parse(line))).toMatchObject([
      { line: 32, code: 'identifier-bound', errors: [{ path: '/phone' }] },
      { line: 33, code: 'invalid-request', errors: [{ path: '/phone' }] },
      { line: 34, code: 'malformed-csv' },
    ]);
    expect(output + rejected.join()).not.toContain(people[3]?.phone);
  }
  for (const person of people) {
    for (const centre of [A, B]) {
      const { status, headers, body } = await lookUp(api, centre, { cardNo: person.cardNo });
      expect(status).toBe(200);
      expect(headers.get('x-freshness')).toBe('fresh');
      expect(body).toMatchObject({ name: person.name, phone: person.phone, unionId: person.unionId });
    }
  }
});

test.each([
  [[]],
  [['--members', 'many']],
  [['--file', '/nowhere/members.csv']],
  [['--members', '3', '--file', 'a.csv']],
])('misuse %j is exit code 2', async (args) => {
  const { exitCode, output } = await seed(...args);
  expect([exitCode, output]).toEqual([2, expect.stringContaining('seed: ')]);
});
