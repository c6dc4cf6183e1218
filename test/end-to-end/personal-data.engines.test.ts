/**
 * Names and identifiers are sealed or hashed wherever they are kept, and are never logged. Once a member is cancelled, no
 * store keeps a sealed copy of it as it was, and its tombstone holds nothing of it.
 */
import { randomBytes } from 'node:crypto';
import { createConnection } from 'mysql2/promise';
import { beforeAll, describe, expect, test } from 'vitest';
import { parseKeyring } from '../../functions/adapters/crypto/keyring.ts';
import { makeSealer } from '../../functions/adapters/crypto/sealer.ts';
import { makeSystemRandom } from '../../functions/adapters/system/system-random.ts';
import type { Member } from '../../functions/core/member/member.ts';
import { regions } from '../../scripts/local/function-variables.ts';
import { pollUntil } from '../../scripts/local/polling.ts';
import { ensureSecrets } from '../../scripts/local/secrets.ts';
import { ensureServiceSecrets } from '../../scripts/local/service-secrets.ts';
import {
  type Answer,
  type Identifiers,
  lookUp,
  lookupsOf,
  makeApi,
  newIdentifiers,
  register,
  write,
} from './api.ts';
import { everywhere, runningCopy } from './running.ts';
import {
  awsStateOf,
  documentsOf,
  filesWith,
  indexesOf,
  type Kept,
  keysOf,
  logsOf,
  rowsOf,
} from './stores.ts';

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
const versions: number[] = [];

/** As it would stand in JSON, in a URL, or in base64, too. */
const forms = secret.flatMap((text) => [
  text,
  JSON.stringify(text).slice(1, -1),
  encodeURIComponent(text),
  Buffer.from(text).toString('base64').replace(/=+$/, '').slice(0, -1),
]);

const adminOf = (part: string): string => {
  const { adminUser, adminPassword } = ensureSecrets(copy.home);
  return addressOf(part).replace('//', `//${adminUser}:${adminPassword}@`);
};

const found = (kept: readonly Kept[]) =>
  kept.filter(({ text }) => forms.some((form) => text.includes(form))).map(({ where }) => where);

const addressOf = (part: string): string =>
  copy.status.parts.find(({ name }) => name === part)?.address ?? '';

beforeAll(async () => {
  const { member } = await register(api, A, who);
  const path = `/v1/members/${member.memberId}`;
  memberIds.push(member.memberId);
  versions.push(member.version);
  for (const base of [A, B, frontDoor, A, B]) {
    await api(base, 'GET', path);
    for (const body of [...lookupsOf(who), ...lookupsOf(neverRegistered)]) await lookUp(api, base, body);
  }
  const changed = ({ body }: Answer): void => void versions.push(body.receipt.version);
  changed(await write(api, B, 'PATCH', path, { name: laterName }));
  for (const field of ['phone', 'unionId', 'cardNo'] as const) {
    changed(await write(api, A, 'DELETE', `${path}/bindings/${field}`));
    changed(await write(api, B, 'POST', `${path}/bindings`, { [field]: later[field] }));
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
    const kept = await rowsOf(adminOf(part));
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

  test.each(['search-primary', 'search-backup', 'search-marketing'])('other indexes of %s', async (part) => {
    expect(await indexesOf(addressOf(part))).toEqual(['identifiers-000001', 'members-000001']);
  });

  test.each(Object.entries(regions))('the queues, parameters and tables of %s', async (place, region) => {
    const kept = await awsStateOf(addressOf(`aws-${place.toLowerCase()}`), region);
    expect(kept.length).toBeGreaterThan(0);
    expect(found(kept)).toEqual([]);
  });

  test('the files of the engines and of the functions, down to their bytes', async () => {
    const withMember = await filesWith(copy.home, memberIds);
    for (const engine of ['mysql-a', 'mysql-b-0', 'search-'])
      expect(
        withMember.some((file) => file.includes(engine)),
        engine,
      ).toBe(true);
    expect(await filesWith(copy.home, forms)).toEqual([]);
  });

  test('the logs', () => {
    const kept = logsOf(copy.home);
    expect(kept.some(({ text }) => text.includes('register-member'))).toBe(true);
    expect(found(kept)).toEqual([]);
  });
});

/** What any text of it opens to, as some version of the member. */
function openedIn({ text }: Kept): readonly Member[] {
  const keyring = parseKeyring(ensureServiceSecrets(copy.home).keyring);
  const sealer = makeSealer(keyring.sealing, makeSystemRandom());
  const [memberId = ''] = memberIds;
  const open = (sealed: string, version: number, status: Member['status']): readonly Member[] => {
    try {
      return [sealer.open({ memberId, version, status, sealed })];
    } catch {
      return [];
    }
  };
  return [...text.matchAll(/1\.[\w-]{1,16}\.[\w-]{40,}/g)].flatMap(([sealed]) =>
    versions.flatMap((version) => [
      ...open(sealed, version, 'active'),
      ...open(sealed, version, 'cancelled'),
    ]),
  );
}

describe('once the member is cancelled and everything has followed', () => {
  const databases = ['mysql-a', 'mysql-b-0', 'mysql-b-1', 'mysql-b-2'];
  const journals = ['journal-a', 'journal-b'];
  const caches = ['redis-a-0', 'redis-a-1', 'redis-b-0', 'redis-b-1'];
  const searches = ['search-primary', 'search-backup', 'search-marketing'];

  const everything = async (): Promise<ReadonlyMap<string, readonly Kept[]>> =>
    new Map([
      ...(await Promise.all(
        [...databases, ...journals].map(async (part) => [part, await rowsOf(adminOf(part))] as const),
      )),
      ...(await Promise.all(caches.map(async (part) => [part, await keysOf(addressOf(part))] as const))),
      ...(await Promise.all(
        searches.map(async (part) => [part, await documentsOf(addressOf(part))] as const),
      )),
      ...(await Promise.all(
        (['A', 'B'] as const).map(
          async (at) =>
            [`aws-${at}`, await awsStateOf(addressOf(`aws-${at.toLowerCase()}`), regions[at])] as const,
        ),
      )),
    ]);

  test('before that, it is there to be found', async () => {
    const kept = await everything();
    for (const part of [...databases, ...searches])
      expect((kept.get(part) ?? []).flatMap(openedIn), part).toContainEqual(
        expect.objectContaining({ name: laterName, status: 'active' }),
      );
  });

  test('no store keeps a sealed copy of it as it was, and the tombstones hold nothing of it', async () => {
    const [memberId = ''] = memberIds;
    const cancelled = await write(api, A, 'DELETE', `/v1/members/${memberId}`);
    versions.push(cancelled.body.receipt.version);
    for (const base of [A, B]) {
      for (const body of lookupsOf(later)) expect((await lookUp(api, base, body)).status).toBe(404);
      expect((await api(base, 'GET', `/v1/members/${memberId}`)).status).toBe(404);
    }
    const isOnItsWay = async (): Promise<boolean> => {
      const connection = await createConnection({ uri: adminOf('mysql-a'), multipleStatements: true });
      const [outboxes] = await connection.query(
        'SELECT member_id FROM control_c0.outbox UNION ALL SELECT member_id FROM control_c1.outbox',
      );
      connection.destroy();
      return (outboxes as { member_id: string }[]).some((row) => row.member_id === memberId);
    };
    expect(await pollUntil(async () => !(await isOnItsWay()), { deadlineMs: 60_000 })).toBe(true);

    const kept = await everything();
    for (const [part, texts] of kept) {
      const opened = texts.flatMap(openedIn);
      expect(opened.filter(({ status }) => status === 'active').length, `copies left in ${part}`).toBe(0);
      if (![...databases, ...searches].includes(part)) continue;
      expect(opened, part).toHaveLength(1);
      const [tombstone] = opened;
      const { createdAt, updatedAt } = tombstone as Member;
      expect(tombstone).toEqual({
        memberId,
        version: versions.at(-1),
        status: 'cancelled',
        name: '',
        level: 0,
        holdings: [],
        createdAt,
        updatedAt,
      });
    }
    expect(found([...kept.values()].flat())).toEqual([]);
    expect(await filesWith(copy.home, forms)).toEqual([]);
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
