import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type Answer, lookUp, lookupsOf, makeApi, newIdentifiers, type Receipt, register } from './api.ts';
import { everywhere, runningCopy } from './running.ts';

const copy = runningCopy();
const { frontDoor, A, B } = everywhere(copy);
const api = makeApi(copy.status.callers.orders.key);

const sameWrite = ({ memberId, version, epoch }: Receipt) => ({ memberId, version, epoch });
const receiptsOf = (answers: readonly Answer[]) => answers.map(({ body }) => sameWrite(body.receipt));

/** The same request at several places, one after the other or all at once. */
async function send(
  bases: readonly string[],
  how: 'in turn' | 'at once',
  one: (base: string) => Promise<Answer>,
) {
  if (how === 'at once') return Promise.all(bases.map((base) => one(base)));
  const answers: Answer[] = [];
  for (const base of bases) answers.push(await one(base));
  return answers;
}

describe.each(['in turn', 'at once'] as const)('the same request in both centres, %s', (how) => {
  const bases = [A, B, frontDoor, A, B];

  test('registers one member', async () => {
    const who = newIdentifiers();
    const idempotencyKey = `test-${randomUUID()}`;
    const answers = await send(bases, how, (base) =>
      api(base, 'POST', '/v1/members', { body: who, idempotencyKey }),
    );
    expect(answers.map(({ status, text }) => (status === 201 ? status : text))).toEqual(bases.map(() => 201));
    const receipts = receiptsOf(answers);
    for (const receipt of receipts) expect(receipt).toEqual(receipts[0]);
    for (const body of lookupsOf(who)) {
      const { memberId, version } = answers[0]?.body.receipt ?? {};
      expect((await lookUp(api, B, body)).body).toMatchObject({ memberId, version });
    }
  });

  test('changes a member once: each kind of change', async () => {
    const { member } = await register(api, A, { ...newIdentifiers(), phone: undefined });
    const path = `/v1/members/${member.memberId}`;
    const { phone } = newIdentifiers();
    const changes = [
      (base: string, idempotencyKey: string) =>
        api(base, 'PATCH', path, { body: { level: 3 }, idempotencyKey }),
      (base: string, idempotencyKey: string) =>
        api(base, 'POST', `${path}/bindings`, { body: { phone }, idempotencyKey }),
      (base: string, idempotencyKey: string) =>
        api(base, 'DELETE', `${path}/bindings/phone`, { idempotencyKey }),
      (base: string, idempotencyKey: string) => api(base, 'DELETE', path, { idempotencyKey }),
    ];
    let last = member.version;
    for (const change of changes) {
      const idempotencyKey = `test-${randomUUID()}`;
      const answers = await send(bases, how, (base) => change(base, idempotencyKey));
      expect(answers.map(({ status, text }) => (status === 200 ? status : text))).toEqual(
        bases.map(() => 200),
      );
      const receipts = receiptsOf(answers);
      for (const receipt of receipts) expect(receipt).toEqual(receipts[0]);
      expect(receipts[0]?.version).toBeGreaterThan(last);
      last = receipts[0]?.version ?? 0;
    }
  });
});

test('a late repeat gives the old receipt and changes nothing', async () => {
  const who = newIdentifiers();
  const idempotencyKey = `test-${randomUUID()}`;
  const once = () => api(B, 'POST', '/v1/members', { body: who, idempotencyKey });
  const { receipt } = (await once()).body;
  const path = `/v1/members/${receipt.memberId}`;
  await api(A, 'PATCH', path, { body: { level: 5 }, idempotencyKey: `${idempotencyKey}-2` });
  const again = await once();
  expect(again.status).toBe(201);
  expect(sameWrite(again.body.receipt)).toEqual(sameWrite(receipt));
  expect((await api(A, 'GET', path)).body.level).toBe(5);
});

test('a key is one request only', async () => {
  const idempotencyKey = `test-${randomUUID()}`;
  const first = await api(A, 'POST', '/v1/members', { body: newIdentifiers(), idempotencyKey });
  expect(first.status).toBe(201);
  const other = newIdentifiers();
  const refused = await api(B, 'POST', '/v1/members', { body: other, idempotencyKey });
  expect(refused.status).toBe(422);
  expect(refused.body.code).toBe('idempotency-key-reused');
  expect((await lookUp(api, A, { phone: other.phone })).status).toBe(404);
});

describe('members that fight over the same identifiers from both centres', () => {
  test('by registering: one gets them, the others a conflict', async () => {
    const { phone, unionId } = newIdentifiers();
    const contenders = Array.from({ length: 8 }, (_, index) => ({
      base: index % 2 ? A : B,
      body: { ...newIdentifiers(), phone, unionId },
      idempotencyKey: `test-${randomUUID()}`,
    }));
    const answers = await Promise.all(
      contenders.map(({ base, ...request }) => api(base, 'POST', '/v1/members', request)),
    );
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses, answers.map(({ text }) => text).join('\n')).toEqual([201, ...Array(7).fill(409)]);
    const winner = answers.find(({ status }) => status === 201)?.body.member.memberId;
    for (const base of [A, B, A, B]) {
      expect((await lookUp(api, base, { phone })).body.memberId).toBe(winner);
      expect((await lookUp(api, base, { unionId })).body.memberId).toBe(winner);
    }
    // Who lost left nothing behind: all else it wanted is free.
    for (const [index, { body }] of contenders.entries()) {
      const expected = answers[index]?.status === 201 ? 200 : 404;
      expect((await lookUp(api, A, { cardNo: body.cardNo })).status).toBe(expected);
    }
  });

  test('by binding: one gets it, the others a conflict', async () => {
    const { phone } = newIdentifiers();
    const members = await Promise.all(
      Array.from({ length: 6 }, (_, index) =>
        register(api, index % 2 ? A : B, { name: 'One of many', accounts: newIdentifiers().accounts }),
      ),
    );
    const answers = await Promise.all(
      members.map(({ member }, index) => {
        const idempotencyKey = `test-${randomUUID()}`;
        const path = `/v1/members/${member.memberId}/bindings`;
        return api(index % 2 ? B : A, 'POST', path, { body: { phone }, idempotencyKey });
      }),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(5).fill(409)]);
    const winner = answers.find(({ status }) => status === 200)?.body.member.memberId;
    for (const base of [A, B, A, B]) expect((await lookUp(api, base, { phone })).body.memberId).toBe(winner);
    const holders = await Promise.all(
      members.map(({ member }) => api(B, 'GET', `/v1/members/${member.memberId}`)),
    );
    expect(holders.filter(({ body }) => body.phone === phone).length).toBe(1);
  });
});
