import { spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { pollUntil } from '../../scripts/local/polling.ts';
import { makeApi, newIdentifiers } from './api.ts';
import { type CommandResult, runScript } from './copy.ts';
import { runningCopy } from './running.ts';

/** Promised: a new key is good, and a disabled one refused, within that. */
const promisedMs = 30_000;

const copy = runningCopy();
const { status } = copy;
const bases = [status.frontDoor, status.centres.A.url, status.centres.B.url];
const path = `/v1/members/${randomUUID()}`;
const name = `test-${randomBytes(4).toString('hex')}`;

const caller = (...args: string[]): Promise<CommandResult> =>
  runScript('scripts/caller.ts', args, { MEMBERSHIP_HOME: copy.home });

/** As {@link caller}, with something on its standard input. */
function callerFed(input: string, ...args: string[]): Promise<CommandResult> {
  const child = spawn(process.execPath, ['scripts/caller.ts', ...args], {
    env: { ...process.env, MEMBERSHIP_HOME: copy.home },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += String(text)));
  child.stdin.end(input);
  return new Promise((resolve) =>
    child.on('close', (exitCode) => resolve({ exitCode: exitCode ?? -1, output })),
  );
}

const keyIn = ({ output }: CommandResult): string =>
  /^membership_[A-Za-z0-9_-]{43}$/m.exec(output)?.[0] ?? '';

const codeOf = async (base: string, key: string): Promise<string> =>
  (await makeApi(key)(base, 'GET', path)).body.code;

async function expectCode(key: string, ...codes: readonly string[]): Promise<void> {
  for (const base of bases) {
    const isThere = await pollUntil(async () => codes.includes(await codeOf(base, key)), {
      deadlineMs: promisedMs,
    });
    if (!isThere) expect([await codeOf(base, key), base]).toEqual([codes, base]);
  }
}

const writesOf = (key: string) =>
  Promise.all(
    bases.map(
      async (base) => (await makeApi(key)(base, 'POST', '/v1/members', { body: newIdentifiers() })).status,
    ),
  );

test('a caller is added, its key rotated, one key disabled, then all of it', async () => {
  const added = await caller(
    ...['add', name, '--owner', 'tests', '--team', 'tests', '--purpose', 'to test'],
    ...['--lane', 'critical', '--operations', 'read,write', '--rate', '5'],
  );
  expect(added.exitCode, added.output).toBe(0);
  const first = keyIn(added);
  await expectCode(first, 'no-such-member');

  const rotated = await caller('rotate', name);
  expect(rotated.exitCode, rotated.output).toBe(0);
  const second = keyIn(rotated);
  expect(second).not.toBe(first);
  await expectCode(second, 'no-such-member');
  await expectCode(first, 'no-such-member');

  // Read from standard input. By then no process has asked for the registry anew: it is the revocation that refuses.
  const dropped = await callerFed(`${first}\n`, 'disable', '--key');
  expect(dropped.exitCode, dropped.output).toBe(0);
  for (const base of bases) expect(['key-revoked', 'unauthenticated']).toContain(await codeOf(base, first));
  await expectCode(second, 'no-such-member');

  const disabled = await caller('disable', name);
  expect(disabled.exitCode, disabled.output).toBe(0);
  // A process that has not heard of the key by now knows nobody who has it.
  const refusals = ['key-revoked', 'caller-disabled', 'unauthenticated'];
  for (const base of bases) expect(refusals).toContain(await codeOf(base, second));
  for (const code of await writesOf(second)) expect([401, 403]).toContain(code);
  await expectCode(second, 'caller-disabled');
  // The others go on.
  expect(await codeOf(status.frontDoor, status.callers.orders.key)).toBe('no-such-member');

  const listed = await caller('list', '--json');
  expect(listed.exitCode, listed.output).toBe(0);
  const { callers } = JSON.parse(listed.output);
  expect(callers).toContainEqual(
    expect.objectContaining({ name, state: 'disabled', liveKeys: 1, unfinishedIn: [] }),
  );
  expect(callers.map((each: { name: string }) => each.name)).toEqual(
    expect.arrayContaining(['campaigns', 'orders']),
  );
  for (const key of [first, second]) expect(listed.output + (await caller('list')).output).not.toContain(key);
});

test('misuse is told, with a way out', async () => {
  for (const args of [['rotate'], ['add', name], ['list', 'x'], ['disable', name, 'key'], ['forget']]) {
    const { exitCode, output } = await caller(...args);
    expect(exitCode, output).toBe(2);
    expect(output).toContain('--help');
  }
  const { exitCode, output } = await caller('rotate', 'nobody-has-this-name');
  expect([exitCode, output.includes('No caller')]).toEqual([1, true]);
});
