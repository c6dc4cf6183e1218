/** `npm run history`: a member's life, as an auditor reads it. */
import { expect, test } from 'vitest';
import { makeApi, newIdentifiers, register, write } from './api.ts';
import { runScript } from './copy.ts';
import { everywhere, runningCopy } from './running.ts';

const copy = runningCopy();
const { A, B } = everywhere(copy);
const api = makeApi(copy.status.callers.orders.key);
const history = (...args: string[]) => runScript('scripts/history.ts', args, { MEMBERSHIP_HOME: copy.home });

test('tells the life of a member, a cancelled one too, and no value of it', async () => {
  const { cardNo, ...who } = newIdentifiers();
  const { member, receipt } = await register(api, A, who);
  const path = `/v1/members/${member.memberId}`;
  const bound = await api(B, 'POST', `${path}/bindings`, {
    body: { cardNo },
    headers: { 'x-reason': 'card-issued' },
    idempotencyKey: 'test-history-bind',
  });
  expect(bound.status, bound.text).toBe(200);
  await write(api, A, 'PATCH', path, { level: 2 });
  await write(api, B, 'DELETE', `${path}/bindings/phone`);
  await write(api, A, 'DELETE', path);

  const { exitCode, output } = await history(member.memberId, '--json');
  expect(exitCode, output).toBe(0);
  const { changes, ...page } = JSON.parse(output);
  expect(page).toEqual({
    memberId: member.memberId,
    source: 'writer',
    isFinal: true,
    unreadable: [],
    nextAfter: null,
  });
  const account = { field: `account:${who.accounts[0]?.platform}`, key: expect.stringMatching(/^\S{20,}$/) };
  const [phone, unionId, card] = ['phone', 'unionId', 'cardNo'].map((field) => ({ ...account, field }));
  expect(changes).toMatchObject([
    { operation: 'register', reason: 'registration', version: receipt.version, epoch: 1, freed: [] },
    { operation: 'bind', reason: 'card-issued', idempotencyKey: 'test-history-bind', changed: ['cardNo'] },
    { operation: 'update', reason: 'update', changed: ['level'], taken: [], freed: [] },
    { operation: 'unbind', changed: ['phone'], taken: [], freed: [phone] },
    { operation: 'cancel', reason: 'cancellation', held: [], taken: [] },
  ]);
  for (const change of changes) expect(change.caller).toBe('orders');
  const byField = (one: { field: string }, other: { field: string }) => (one.field < other.field ? -1 : 1);
  expect(changes[0].taken.toSorted(byField)).toEqual([account, phone, unionId].toSorted(byField as never));
  expect(changes[1].taken).toEqual([card]);
  expect(changes[1].held).toContainEqual(changes[1].taken[0]);
  expect(changes[4].freed.toSorted(byField)).toEqual([account, card, unionId].toSorted(byField as never));

  const text = (await history(member.memberId)).output;
  for (const word of ['register by orders', 'reason: card-issued', 'changed  level', 'freed    phone'])
    expect(text).toContain(word);
  for (const value of [who.name, who.phone, who.unionId, who.accounts[0]?.accountId ?? '', cardNo]) {
    expect(output).not.toContain(value);
    expect(text).not.toContain(value);
  }

  const first = JSON.parse((await history(member.memberId, '--json', '--limit', '2')).output);
  expect([first.changes.length, first.nextAfter]).toEqual([2, changes[1].version]);
  const rest = await history(member.memberId, '--json', '--after', String(first.nextAfter));
  expect(JSON.parse(rest.output).changes).toEqual(changes.slice(2));
});

test('says so when there is no such member, no service, or no such option', async () => {
  const unknown = await history('00000000-0000-7000-8000-000000000000');
  expect([unknown.exitCode, unknown.output]).toEqual([1, expect.stringContaining('there is no member')]);
  for (const args of [[], ['+8613800000001'], ['--what', '00000000-0000-7000-8000-000000000000']]) {
    const misused = await history(...args);
    expect([misused.exitCode, misused.output]).toEqual([2, expect.stringContaining('Usage:')]);
  }
  const nowhere = await runScript('scripts/history.ts', ['00000000-0000-7000-8000-000000000000'], {
    MEMBERSHIP_HOME: `${copy.home}-of-nobody`,
  });
  expect([nowhere.exitCode, nowhere.output]).toEqual([1, expect.stringContaining('npm start')]);
});
