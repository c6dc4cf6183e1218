import { describe, expect, test } from 'vitest';
import { lookUp, makeApi, newIdentifiers, register, write } from './api.ts';
import { everywhere, runningCopy } from './running.ts';

const copy = runningCopy();
const { frontDoor, A, B } = everywhere(copy);
const all = [A, B, frontDoor];
const api = makeApi(copy.status.callers.orders.key);

describe('what an answer says of itself', () => {
  test('its version, and where it came from: at first a source, then the cache', async () => {
    const { member } = await register(api, A);
    const path = `/v1/members/${member.memberId}`;
    const first = await api(B, 'GET', path);
    expect(first.headers.get('x-freshness')).toBe('fresh');
    expect(first.headers.get('x-source')).toMatch(/^(search|replica|writer)/);
    expect(first.headers.get('etag')).toBe(`"${member.version}"`);
    expect(first.headers.get('cache-control')).toBe('no-store');
    const second = await api(B, 'GET', path);
    expect(second.headers.get('x-source')).toBe('cache');
    expect(second.headers.get('x-freshness')).toBe('fresh');
    expect(second.headers.get('etag')).toBe(first.headers.get('etag'));
    expect(second.text).toBe(first.text);
  });

  test('also when there is nobody', async () => {
    const { phone } = newIdentifiers();
    await lookUp(api, A, { phone });
    const answer = await lookUp(api, A, { phone });
    expect(answer.status).toBe(404);
    expect(answer.headers.get('x-freshness')).toBe('fresh');
    expect(answer.headers.get('x-source')).not.toBeNull();
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
  });
});

test('a cached "nobody" ends with the binding', async () => {
  const { phone } = newIdentifiers();
  const { member } = await register(api, A, { ...newIdentifiers(), phone: undefined });
  for (const base of [...all, ...all]) expect((await lookUp(api, base, { phone })).status).toBe(404);
  const { body } = await write(api, A, 'POST', `/v1/members/${member.memberId}/bindings`, { phone });
  for (const base of [B, A, frontDoor])
    expect((await lookUp(api, base, { phone })).body).toEqual(body.member);
});

test('what was written in one centre is read in the other at once, every time', async () => {
  const { member, ...who } = { ...(await register(api, A)) };
  expect(who.receipt.memberId).toBe(member.memberId);
  const path = `/v1/members/${member.memberId}`;
  for (let round = 1; round <= 20; round++) {
    const [here, there] = round % 2 ? [A, B] : [B, A];
    // Cached on both sides, so that a cache that was not fenced would show.
    for (const base of all) await lookUp(api, base, { phone: member.phone });
    const { body } = await write(api, here, 'PATCH', path, { level: round });
    const [byId, byPhone] = await Promise.all([
      api(there, 'GET', path),
      lookUp(api, there, { phone: member.phone }),
    ]);
    for (const read of [byId, byPhone]) {
      expect(read.headers.get('x-freshness')).toBe('fresh');
      expect(read.body).toEqual(body.member);
    }
  }
});

describe('an identifier that moves from one member to another, and back', () => {
  test.each(['phone', 'unionId', 'cardNo', 'account'] as const)('%s', async (kind) => {
    const who = newIdentifiers();
    const { accounts, ...rest } = who;
    const spare = { platform: 'elong-app', accountId: `el-${who.unionId}` };
    const held = kind === 'account' ? { account: spare } : { [kind]: who[kind] };
    const field = kind === 'account' ? 'account:elong-app' : kind;
    const first = await register(api, A, { ...rest, accounts: [...accounts, spare] });
    const second = await register(api, B, { name: 'Second', accounts: newIdentifiers().accounts });
    const [one, other] = [first.member.memberId, second.member.memberId];

    /** Everywhere, three times each: the first answer fills the cache, the others come from it. */
    const expectHolder = async (memberId: string | null) => {
      for (const base of [A, B, frontDoor, A, B, frontDoor, A, B]) {
        const answer = await lookUp(api, base, held);
        expect(answer.headers.get('x-freshness')).toBe('fresh');
        expect(answer.status === 404 ? null : answer.body.memberId).toBe(memberId);
        for (const each of [one, other]) {
          const { body } = await api(base, 'GET', `/v1/members/${each}`);
          const holds = kind === 'account' ? body.accounts.length > 1 : body[kind] !== undefined;
          expect(holds).toBe(each === memberId);
        }
      }
    };

    await expectHolder(one);
    await write(api, A, 'DELETE', `/v1/members/${one}/bindings/${field}`);
    await expectHolder(null);
    await write(api, B, 'POST', `/v1/members/${other}/bindings`, held);
    await expectHolder(other);
    await write(api, A, 'DELETE', `/v1/members/${other}/bindings/${field}`);
    await expectHolder(null);
    await write(api, B, 'POST', `/v1/members/${one}/bindings`, held);
    await expectHolder(one);
    await write(api, B, 'DELETE', `/v1/members/${one}`);
    for (const base of [...all, ...all]) expect((await lookUp(api, base, held)).status).toBe(404);
  });
});
