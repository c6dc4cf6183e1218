import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type Answer, lookUp, makeApi, newIdentifiers, type Request, register } from './api.ts';
import { everywhere, runningCopy } from './running.ts';

const copy = runningCopy();
const { callers } = copy.status;
const { frontDoor, A, B } = everywhere(copy);
const api = makeApi(callers.orders.key);
const nobody = '019a0000-0000-7000-8000-000000000000';

function expectProblem(answer: Answer, status: number, code: string): void {
  expect(`${answer.status} ${answer.body?.code}`, answer.text).toBe(`${status} ${code}`);
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(answer.body).toMatchObject({
    type: expect.stringContaining(code),
    title: expect.any(String),
    status,
    code,
  });
  expect(answer.text).not.toMatch(/\bat .*\.(ts|js|mjs):\d/);
}

/** What a request is answered with, at the front door and in both centres alike. */
const cases: readonly [
  name: string,
  code: string,
  status: number,
  method: string,
  path: string,
  request?: Request,
][] = [
  [
    'an unknown property',
    'invalid-request',
    400,
    'POST',
    '/v1/members/lookup',
    { body: { phone: '+8613800000000', x: 1 } },
  ],
  ['no body at all', 'malformed-json', 400, 'POST', '/v1/members/lookup', { text: '' }],
  ['half a body', 'malformed-json', 400, 'POST', '/v1/members', { text: '{"name": "A' }],
  ['a member id that is none', 'invalid-request', 400, 'GET', '/v1/members/12'],
  [
    'an unbound identifier',
    'no-such-member',
    404,
    'POST',
    '/v1/members/lookup',
    { body: { cardNo: '99999999999999999999' } },
  ],
  ['nobody', 'no-such-member', 404, 'GET', `/v1/members/${nobody}`],
  ['nobody, to be changed', 'no-such-member', 404, 'PATCH', `/v1/members/${nobody}`, { body: { level: 1 } }],
  ['nobody, to be cancelled', 'no-such-member', 404, 'DELETE', `/v1/members/${nobody}`],
  ['a path that is none', 'no-such-route', 404, 'GET', '/v2/members'],
  ['another method', 'method-not-allowed', 405, 'DELETE', '/v1/members'],
  [
    '64 KiB and one byte',
    'body-too-large',
    413,
    'POST',
    '/v1/members',
    { text: `"${'x'.repeat(64 * 1024 - 1)}"` },
  ],
  [
    'a body that is no JSON',
    'unsupported-media-type',
    415,
    'POST',
    '/v1/members',
    { text: '<x/>', headers: { 'content-type': 'text/xml' } },
  ],
  [
    'a write without a key',
    'idempotency-key-required',
    428,
    'POST',
    '/v1/members',
    { body: {}, idempotencyKey: null },
  ],
];

describe.each([
  ['the front door', frontDoor],
  ['centre A', A],
  ['centre B', B],
])('%s', (_, base) => {
  test.each(cases)('refuses %s with %s', async (_name, code, status, method, path, request) => {
    const answer = await api(base, method, path, request);
    expectProblem(answer, status, code);
  });
});

describe('a request that is not valid', () => {
  test('is told every fault by its path, and never a value', async () => {
    const body = {
      name: '',
      accounts: [{ platform: 'elsewhere', accountId: 'a b' }],
      phone: '0138',
      cardNo: 'secret',
      extra: 1,
    };
    const answer = await api(A, 'POST', '/v1/members', { body });
    expectProblem(answer, 400, 'invalid-request');
    const paths = answer.body.errors.map(({ path }: { path: string }) => path).sort();
    expect(paths).toEqual([
      '/accounts/0/accountId',
      '/accounts/0/platform',
      '/cardNo',
      '/extra',
      '/name',
      '/phone',
    ]);
    for (const value of ['elsewhere', 'a b', '0138', 'secret'])
      expect(answer.text).not.toContain(`"${value}"`);
  });

  test('takes 64 KiB to the byte as a body', async () => {
    const answer = await api(A, 'POST', '/v1/members', { text: `"${'x'.repeat(64 * 1024 - 2)}"` });
    expectProblem(answer, 400, 'invalid-request');
  });

  test('says which methods a path takes', async () => {
    const answer = await api(B, 'PUT', `/v1/members/${nobody}`, { body: {} });
    expectProblem(answer, 405, 'method-not-allowed');
    expect(answer.headers.get('allow')).toBe('DELETE, GET, PATCH');
  });
});

describe('who asks', () => {
  test.each([
    ['nobody', null],
    ['a stranger', 'no-such-key'],
    ['a key with more behind it', `${callers.orders.key}x`],
  ])('%s is unknown', async (_, key) => {
    for (const base of [frontDoor, A, B]) {
      const answer = await makeApi(key)(base, 'GET', `/v1/members/${nobody}`);
      expectProblem(answer, 401, 'unauthenticated');
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
      const written = await makeApi(key)(base, 'POST', '/v1/members', { body: newIdentifiers() });
      expectProblem(written, 401, 'unauthenticated');
    }
  });

  test('a caller has its own lane, and no other', async () => {
    expectProblem(
      await makeApi(callers.campaigns.key)(frontDoor, 'GET', `/v1/members/${nobody}`),
      403,
      'wrong-lane',
    );
    expectProblem(
      await makeApi(callers.orders.key)(callers.campaigns.url, 'GET', `/v1/members/${nobody}`),
      403,
      'wrong-lane',
    );
    const who = newIdentifiers();
    expectProblem(
      await makeApi(callers.campaigns.key)(A, 'POST', '/v1/members', { body: who }),
      403,
      'wrong-lane',
    );
    expect((await lookUp(api, A, { phone: who.phone })).status).toBe(404);
  });
});

describe('a member that does not hold what is asked for', () => {
  test('has nothing to unbind', async () => {
    const { member } = await register(api, A, { name: 'Ann', accounts: newIdentifiers().accounts });
    for (const field of ['phone', 'unionId', 'cardNo', 'account:elong-app']) {
      expectProblem(
        await api(B, 'DELETE', `/v1/members/${member.memberId}/bindings/${field}`),
        404,
        'not-bound',
      );
    }
    expectProblem(
      await api(B, 'DELETE', `/v1/members/${member.memberId}/bindings/name`),
      400,
      'invalid-request',
    );
  });

  test('takes no second value beside one that it holds', async () => {
    const { member } = await register(api, B);
    const path = `/v1/members/${member.memberId}/bindings`;
    expectProblem(
      await api(A, 'POST', path, { body: { phone: newIdentifiers().phone } }),
      409,
      'identifier-bound',
    );
  });

  test('keeps a key to itself: the same key may change another member', async () => {
    const [one, other] = [await register(api, A), await register(api, A)];
    const idempotencyKey = `test-${randomUUID()}`;
    for (const { member } of [one, other]) {
      const request = { body: { level: 2 }, idempotencyKey };
      expect((await api(B, 'PATCH', `/v1/members/${member.memberId}`, request)).status).toBe(200);
    }
    const reused = await api(A, 'PATCH', `/v1/members/${one.member.memberId}`, {
      body: { level: 3 },
      idempotencyKey,
    });
    expectProblem(reused, 422, 'idempotency-key-reused');
  });
});
