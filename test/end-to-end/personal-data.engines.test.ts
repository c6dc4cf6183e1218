/** Names and identifiers are sealed or hashed wherever they are kept, and are never logged. */
import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { ensureSecrets } from '../../scripts/local/secrets.ts';
import { type Identifiers, lookUp, lookupsOf, makeApi, newIdentifiers, register, write } from './api.ts';
import { everywhere, runningCopy } from './running.ts';
import { documentsOf, type Kept, keysOf, logsOf, rowsOf } from './stores.ts';

const copy = runningCopy();
const { frontDoor, A, B } = everywhere(copy);
const api = makeApi(copy.status.callers.orders.key);

/** Text that is found whole, wherever it turns up. */
const marked = (): string => randomBytes(9).toString('hex');

const who: Identifiers = { ...newIdentifiers(), name: `Marked${marked()}` };
const laterName = `Later${marked()}`;
const later = newIdentifiers();
const neverRegistered = newIdentifiers();
const refusedName = `Refused${marked()}`;
const unknownKey = `stranger-${marked()}`;
const memberIds: string[] = [];

const personal = [who, later, neverRegistered].flatMap(({ name, phone, unionId, cardNo, accounts }) => [
  ...[name, phone, phone.slice(1), unionId, cardNo],
  ...accounts.map(({ accountId }) => accountId),
]);
const secret = [...personal, laterName, refusedName, unknownKey];

/** As it would stand in JSON, in a URL, or in base64, too. */
const forms = secret.flatMap((text) => [
  text,
  JSON.stringify(text).slice(1, -1),
  encodeURIComponent(text),
  Buffer.from(text).toString('base64').replace(/=+$/, '').slice(0, -1),
]);

const found = (kept: readonly Kept[]) =>
  kept.filter(({ text }) => forms.some((form) => text.includes(form))).map(({ where }) => where);

const addressOf = (part: string): string =>
  copy.status.parts.find(({ name }) => name === part)?.address ?? '';

beforeAll(async () => {
  const { member } = await register(api, A, who);
  const path = `/v1/members/${member.memberId}`;
  memberIds.push(member.memberId);
  for (const base of [A, B, frontDoor, A, B]) {
    await api(base, 'GET', path);
    for (const body of [...lookupsOf(who), ...lookupsOf(neverRegistered)]) await lookUp(api, base, body);
  }
  await write(api, B, 'PATCH', path, { name: laterName });
  for (const field of ['phone', 'unionId', 'cardNo'] as const) {
    await write(api, A, 'DELETE', `${path}/bindings/${field}`);
    await write(api, B, 'POST', `${path}/bindings`, { [field]: later[field] });
  }
  // Refused for one reason or another, each with somebody's data in it.
  const other = await register(api, B, { ...newIdentifiers(), phone: undefined });
  await api(A, 'POST', `/v1/members/${other.member.memberId}/bindings`, { body: { phone: later.phone } });
  await api(A, 'POST', '/v1/members', {
    body: { ...who, name: refusedName, [who.phone]: 1, phone: `${who.phone}x` },
  });
  await api(A, 'POST', '/v1/members', { text: `{"phone": "${who.phone}", "name": "${refusedName}"` });
  await makeApi(unknownKey)(A, 'POST', '/v1/members', { body: who });
  await api(B, 'GET', `/v1/members/${encodeURIComponent(who.phone)}`);
  await api(B, 'DELETE', `${path}/bindings/${encodeURIComponent(who.unionId)}`);
});

describe('nobody can be read out of', () => {
  test.each(['mysql-a', 'mysql-b-0', 'journal-a', 'journal-b'])('the rows of %s', async (part) => {
    const { adminUser, adminPassword } = ensureSecrets(copy.home);
    const kept = await rowsOf(addressOf(part).replace('//', `//${adminUser}:${adminPassword}@`));
    if (part.startsWith('mysql'))
      expect(kept.some(({ text }) => text.includes(memberIds[0] ?? ''))).toBe(true);
    expect(found(kept)).toEqual([]);
  });

  test.each(['redis-a-0', 'redis-a-1', 'redis-b-0', 'redis-b-1'])('the keys of %s', async (part) => {
    const kept = await keysOf(addressOf(part));
    expect(kept.length).toBeGreaterThan(0);
    expect(found(kept)).toEqual([]);
  });

  test.each(['search-primary', 'search-backup', 'search-marketing'])('the documents of %s', async (part) => {
    const kept = await documentsOf(addressOf(part));
    expect(kept.some(({ text }) => text.includes(memberIds[0] ?? ''))).toBe(true);
    expect(found(kept)).toEqual([]);
  });

  test('the logs', () => {
    const kept = logsOf(copy.home);
    expect(kept.some(({ text }) => text.includes('register-member'))).toBe(true);
    expect(found(kept)).toEqual([]);
  });
});

test('what is looked for would be found', () => {
  for (const text of [
    `x${who.phone}y`,
    who.name,
    encodeURIComponent(who.phone),
    JSON.stringify({ a: laterName }),
  ]) {
    expect(found([{ where: 'here', text }])).toEqual(['here']);
  }
  const inBase64 = Buffer.from(`${who.cardNo} and more`).toString('base64');
  expect(found([{ where: 'here', text: inBase64 }])).toEqual(['here']);
});
