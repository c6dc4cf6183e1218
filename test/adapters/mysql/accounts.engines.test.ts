import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  changeOwnPassword,
  ensureAccount,
  findWriter,
  tryAccount,
} from '../../../functions/adapters/mysql/schema/accounts.ts';
import { addressOf, type Hand, openHand } from './connections.ts';

const username = 'rotated_1';
const admin = addressOf('journal-a-admin');
const as = (password: string) => ({ ...admin, user: username, password });
let hand: Hand;

beforeAll(async () => {
  hand = await openHand('journal-a-admin');
});
afterAll(async () => {
  await hand.sql(`DROP USER IF EXISTS '${username}'@'%'`);
  await hand.end();
});

test('the writer is the one server that follows nobody', async () => {
  const writer = addressOf('mysql-a-admin');
  const replicas = ['mysql-b-0-admin', 'mysql-b-1-admin'].map(addressOf);
  expect(await findWriter([...replicas, writer])).toEqual(writer);
  expect(await findWriter(replicas)).toBeNull();
});

test('silence of a server says nothing: it is not taken for one that follows', async () => {
  const gone = { ...admin, port: 1 };
  await expect(findWriter([gone, admin])).rejects.toThrow('ECONNREFUSED');
});

test('an account is made, and changed, with no more than the rights to rows', async () => {
  await ensureAccount(admin, { username, password: 'one' });
  await tryAccount(as('one'));
  await ensureAccount(admin, { username, password: 'two' });
  await tryAccount(as('two'));
  await expect(tryAccount(as('one'))).rejects.toThrow(/denied/);
  const grants = JSON.stringify(await hand.sql(`SHOW GRANTS FOR '${username}'@'%'`));
  expect(grants).toContain('SELECT, INSERT, UPDATE, DELETE ON `journal`');
  expect(grants).not.toMatch(/ALL PRIVILEGES|CREATE|DROP|SUPER|GRANT OPTION/);
});

test('an administrator changes the own password', async () => {
  await ensureAccount(admin, { username, password: 'three' });
  await hand.sql(`GRANT CREATE USER ON *.* TO '${username}'@'%'`);
  await changeOwnPassword(as('three'), 'four');
  await tryAccount(as('four'));
});
