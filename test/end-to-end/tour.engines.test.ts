import { describe, expect, test } from 'vitest';
import { lookUp, lookupsOf, makeApi, newIdentifiers, register, write } from './api.ts';
import { everywhere, runningCopy } from './running.ts';

const copy = runningCopy();
const { frontDoor, A, B } = everywhere(copy);
const all = [A, B, frontDoor];
const api = makeApi(copy.status.callers.orders.key);
const campaigns = makeApi(copy.status.callers.campaigns.key);
const marketing = copy.status.callers.campaigns.url;

describe('a tour', () => {
  const who = newIdentifiers();
  let memberId = '';
  let version = 0;

  test('a member registered in A', async () => {
    const answer = await api(A, 'POST', '/v1/members', { body: who });
    expect(answer.status, answer.text).toBe(201);
    const { member, receipt } = answer.body;
    expect(member).toMatchObject({ ...who, status: 'active', level: 0 });
    expect(receipt).toEqual({
      memberId: member.memberId,
      version: member.version,
      epoch: 1,
      durability: 'both-centres',
    });
    expect(answer.headers.get('location')).toBe(`/v1/members/${member.memberId}`);
    expect(answer.headers.get('etag')).toBe(`"${member.version}"`);
    memberId = member.memberId;
    version = member.version;
  });

  test('is found everywhere by everything that it holds, as one whole relationship', async () => {
    for (const base of all) {
      const byId = await api(base, 'GET', `/v1/members/${memberId}`);
      expect(byId.status, byId.text).toBe(200);
      expect(byId.body).toMatchObject({ memberId, version, ...who });
      for (const body of lookupsOf(who)) {
        const found = await lookUp(api, base, body);
        expect(found.status, found.text).toBe(200);
        expect(found.body).toEqual(byId.body);
      }
    }
  });

  test('is found on the marketing lane too', async () => {
    const found = await lookUp(campaigns, marketing, { phone: who.phone });
    expect(found.status, found.text).toBe(200);
    expect(found.body).toMatchObject({ memberId, version });
  });

  test('changes its name and level in B, seen in A at once', async () => {
    const answer = await write(api, B, 'PATCH', `/v1/members/${memberId}`, {
      name: 'José O’Neill',
      level: 7,
    });
    expect(answer.body.member).toMatchObject({ memberId, name: 'José O’Neill', level: 7, phone: who.phone });
    expect(answer.body.receipt.version).toBeGreaterThan(version);
    version = answer.body.receipt.version;
    const found = await lookUp(api, A, { cardNo: who.cardNo });
    expect(found.body).toEqual(answer.body.member);
  });

  test('takes one more account, and is found by it', async () => {
    const account = { platform: 'elong-app', accountId: `el-${who.unionId}` };
    const bound = await write(api, A, 'POST', `/v1/members/${memberId}/bindings`, { account });
    expect(bound.body.member.accounts).toContainEqual(account);
    for (const base of all) expect((await lookUp(api, base, { account })).body).toEqual(bound.body.member);
    const unbound = await write(api, B, 'DELETE', `/v1/members/${memberId}/bindings/account:elong-app`);
    version = unbound.body.receipt.version;
    for (const base of all) expect((await lookUp(api, base, { account })).status).toBe(404);
  });

  test('its identifiers are its own', async () => {
    const other = await register(api, B);
    await write(api, A, 'DELETE', `/v1/members/${other.member.memberId}/bindings/phone`);
    const path = `/v1/members/${other.member.memberId}/bindings`;
    const refused = await api(B, 'POST', path, { body: { phone: who.phone } });
    expect(refused.status).toBe(409);
    expect(refused.body).toMatchObject({ code: 'identifier-bound', errors: [{ path: '/phone' }] });
    expect(refused.text).not.toContain(memberId);
    expect(refused.text).not.toContain(who.phone);
  });

  test('a wrong version changes nothing, the right one does', async () => {
    const path = `/v1/members/${memberId}`;
    const patch = (etag: string, name: string) =>
      api(A, 'PATCH', path, { body: { name }, headers: { 'if-match': etag } });
    const refused = await patch(`"${version - 1}"`, 'Nobody');
    expect(refused.status).toBe(409);
    expect(refused.body.code).toBe('version-conflict');
    const standing = await api(B, 'GET', path);
    expect(standing.body).toMatchObject({ version, name: 'José O’Neill' });
    const changed = await patch(standing.headers.get('etag') ?? '', 'Ngô Thị');
    expect(changed.status, changed.text).toBe(200);
    expect(changed.body.member.name).toBe('Ngô Thị');
  });

  test('is cancelled, and nothing finds it any more', async () => {
    const answer = await write(api, B, 'DELETE', `/v1/members/${memberId}`);
    expect(Object.keys(answer.body)).toEqual(['receipt']);
    // Twice: the second answer is a cached "nobody".
    for (const base of [...all, ...all]) {
      for (const body of lookupsOf(who)) {
        const found = await lookUp(api, base, body);
        expect(found.status, JSON.stringify(body)).toBe(404);
        expect(found.body.code).toBe('no-such-member');
        expect(found.headers.get('x-freshness')).toBe('fresh');
      }
      expect((await api(base, 'GET', `/v1/members/${memberId}`)).status).toBe(404);
    }
    expect((await lookUp(campaigns, marketing, { phone: who.phone })).status).toBe(404);
    const late = await api(A, 'PATCH', `/v1/members/${memberId}`, { body: { level: 1 } });
    expect(late.body.code).toBe('no-such-member');
  });

  test('what it held is free to take', async () => {
    const { member } = await register(api, A, who);
    expect(member.memberId).not.toBe(memberId);
    for (const base of all) {
      for (const body of lookupsOf(who)) expect((await lookUp(api, base, body)).body).toEqual(member);
    }
  });
});

test('each centre says that it serves, to anybody', async () => {
  const anybody = makeApi(null);
  for (const [base, centre] of [
    [A, 'A'],
    [B, 'B'],
  ] as const) {
    const answer = await anybody(base, 'GET', '/health');
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ status: 'serving', centre });
  }
  expect((await anybody(frontDoor, 'GET', '/health')).status).toBe(200);
});
