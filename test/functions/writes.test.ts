import { describe, expect, it } from 'vitest';
import { makeBindIdentifier } from '../../functions/bind-identifier.ts';
import { makeCancelMember } from '../../functions/cancel-member.ts';
import type { WriteOutcome, WriteRequest } from '../../functions/core/member/outcomes.ts';
import { makeRegisterMember } from '../../functions/register-member.ts';
import type { ApiParts, Lazily } from '../../functions/runtime/api/parts.ts';
import type { ApiHandler } from '../../functions/runtime/middleware/api-handler.ts';
import { makeUnbindIdentifier } from '../../functions/unbind-identifier.ts';
import { makeUpdateMember } from '../../functions/update-member.ts';
import {
  ask,
  done,
  type FakeRequest,
  fakeParts,
  hashOf,
  key,
  member,
  type Scene,
  topology,
} from '../runtime/fake-parts.ts';

const { memberId } = member;
const parameters = { memberId };
const deadline = { atMonotonicMs: 6_000 };
const registration = {
  name: '王小明',
  accounts: [
    { platform: 'tongcheng-app', accountId: 'tc-1' },
    { platform: 'elong-app', accountId: 'el-1' },
  ],
  phone: '+8613800000001',
};

type Make = (parts: Lazily<ApiParts>) => ApiHandler;

const requests: readonly (readonly [string, Make, FakeRequest])[] = [
  ['register', makeRegisterMember, { body: registration }],
  ['update', makeUpdateMember, { parameters, body: { name: 'Ann', level: 7 } }],
  ['bind', makeBindIdentifier, { parameters, body: { cardNo: '240000000001' } }],
  ['unbind', makeUnbindIdentifier, { parameters: { memberId, field: 'account:elong-app' } }],
  ['cancel', makeCancelMember, { parameters }],
];

async function write(make: Make, request: FakeRequest, scene: Scene = {}) {
  const parts = fakeParts(scene);
  const answered = await ask(
    make(() => parts),
    request,
  );
  const [, call] = parts.calls;
  const asked = call?.args.find(
    (arg): arg is WriteRequest => typeof arg === 'object' && arg !== null && 'requestHash' in arg,
  );
  return { ...answered, call, asked, parts };
}

describe('an acknowledged write', () => {
  it('registers: 201 with member, receipt and where the member is', async () => {
    const { status, headers, body, call, asked } = await write(makeRegisterMember, { body: registration });
    expect(status).toBe(201);
    expect(headers).toMatchObject({ location: `/v1/members/${memberId}`, etag: '"4294967297"' });
    expect(body.receipt).toEqual({ memberId, version: 4294967297, epoch: 1, durability: 'both-centres' });
    expect(body.member).toMatchObject({ memberId, phone: '+8613800000001' });
    const identifiers = [
      { kind: 'phone', value: '+8613800000001' },
      { kind: 'account', platform: 'tongcheng-app', value: 'tc-1' },
      { kind: 'account', platform: 'elong-app', value: 'el-1' },
    ];
    expect(call).toEqual({ name: 'register', args: [{ name: '王小明', identifiers }, asked, deadline] });
    expect(asked).toMatchObject({ caller: 'orders', idempotencyKey: 'request-1' });
  });

  it('updates: 200 with member and receipt', async () => {
    const { status, body, call, asked } = await write(makeUpdateMember, {
      parameters,
      body: { name: 'Ann', level: 7 },
    });
    expect(status).toBe(200);
    expect(Object.keys(body)).toEqual(['member', 'receipt']);
    expect(call).toEqual({
      name: 'update',
      args: [memberId, { name: 'Ann', level: 7 }, null, asked, deadline],
    });
  });

  it('updates on the condition of a version', async () => {
    const headers = { 'if-match': '"4294967297"' };
    const { call } = await write(makeUpdateMember, { parameters, headers, body: { level: 0 } });
    expect(call?.args.slice(0, 3)).toEqual([memberId, { level: 0 }, 4294967297]);
  });

  it('binds: 200 with member and receipt', async () => {
    const body = { account: { platform: 'elong-app', accountId: 'el-2' } };
    const { status, call, asked } = await write(makeBindIdentifier, { parameters, body });
    expect(status).toBe(200);
    const identifier = { kind: 'account', platform: 'elong-app', value: 'el-2' };
    expect(call).toEqual({ name: 'bind', args: [memberId, identifier, asked, deadline] });
  });

  it.each(['phone', 'unionId', 'cardNo', 'account:elong-app'])(
    'unbinds %s: 200 with member and receipt',
    async (field) => {
      const { status, body, call, asked } = await write(makeUnbindIdentifier, {
        parameters: { memberId, field },
      });
      expect(status).toBe(200);
      expect(Object.keys(body)).toEqual(['member', 'receipt']);
      expect(call).toEqual({ name: 'unbind', args: [memberId, field, asked, deadline] });
    },
  );

  it('cancels: 200 with the receipt alone', async () => {
    const { status, body, call, asked } = await write(makeCancelMember, { parameters });
    expect(status).toBe(200);
    expect(Object.keys(body)).toEqual(['receipt']);
    expect(call).toEqual({ name: 'cancel', args: [memberId, asked, deadline] });
  });
});

describe('what the core did not acknowledge', () => {
  it.each([
    [{ kind: 'no-such-member' }, 404, 'no-such-member'],
    [{ kind: 'not-bound', field: 'phone' }, 404, 'not-bound'],
    [{ kind: 'version-conflict' }, 409, 'version-conflict'],
    [{ kind: 'key-reused' }, 422, 'idempotency-key-reused'],
  ] as const)('%j is %d %s', async (outcome, status, code) => {
    const answered = await write(makeUpdateMember, { parameters, body: { level: 1 } }, { outcome });
    expect([answered.status, answered.body.code]).toEqual([status, code]);
  });

  it.each([
    [1, '1'],
    [1_000, '1'],
    [1_001, '2'],
  ])('503 after %d ms says Retry-After %s', async (retryAfterMs, seconds) => {
    const outcome: WriteOutcome = { kind: 'unavailable', reason: 'identifier-busy', retryAfterMs };
    const { status, headers, body } = await write(
      makeBindIdentifier,
      { parameters, body: { cardNo: '240000' } },
      { outcome },
    );
    expect([status, body.code, headers['retry-after']]).toEqual([503, 'unavailable', seconds]);
  });

  it('names identifiers that are bound by their path alone', async () => {
    const outcome: WriteOutcome = { kind: 'identifier-bound', fields: ['phone', 'account:elong-app'] };
    const { status, body, text } = await write(makeRegisterMember, { body: registration }, { outcome });
    expect([status, body.code]).toEqual([409, 'identifier-bound']);
    expect(body.errors).toEqual([
      { path: '/phone', message: 'is bound already' },
      { path: '/accounts/1', message: 'is bound already' },
    ]);
    expect(text).not.toMatch(/138|el-1|01890a5d/);
  });

  it('names the account that is bound when it was to be bound', async () => {
    const outcome: WriteOutcome = { kind: 'identifier-bound', fields: ['account:elong-app'] };
    const body = { account: { platform: 'elong-app', accountId: 'el-1' } };
    expect((await write(makeBindIdentifier, { parameters, body }, { outcome })).body.errors).toEqual([
      { path: '/account', message: 'is bound already' },
    ]);
  });
});

describe.each(requests)('%s', (_, make, request) => {
  it('reads the state before anything is written', async () => {
    const { parts } = await write(make, request);
    expect(parts.calls.map(({ name }) => name)[0]).toBe('refresh');
  });

  it('is refused before it is written when the key is revoked', async () => {
    const { status, body, parts } = await write(make, request, {
      topology: { ...topology, revokedKeyHashes: [hashOf(key)] },
    });
    expect([status, body.code]).toEqual([403, 'key-revoked']);
    expect(parts.calls.map(({ name }) => name)).toEqual(['refresh']);
  });

  it('needs a caller', async () => {
    const { status, parts } = await write(make, { ...request, headers: { authorization: undefined } });
    expect([status, parts.calls]).toEqual([401, []]);
  });

  it.each([undefined, ''])('needs an Idempotency-Key, not %j', async (value) => {
    const { status, body } = await write(make, { ...request, headers: { 'idempotency-key': value } });
    expect([status, body.code]).toEqual([428, 'idempotency-key-required']);
  });

  it.each(['k'.repeat(129), 'ключ', 'a\tb'])('refuses the Idempotency-Key %j', async (value) => {
    const { status, body } = await write(make, { ...request, headers: { 'idempotency-key': value } });
    expect(status).toBe(400);
    expect(body.errors).toEqual([
      { path: 'headers/idempotency-key', message: 'must be 1 to 128 printable ASCII characters' },
    ]);
  });

  it.each(['', 'Ann', 'customer asked', 'a_b', 'r'.repeat(65), 'ü', 'phone-13800000001', '240000'])(
    'refuses the reason %j',
    async (value) => {
      const { status, body, parts } = await write(make, { ...request, headers: { 'x-reason': value } });
      expect([status, body.code, parts.calls.map(({ name }) => name)]).toEqual([
        400,
        'invalid-request',
        ['refresh'],
      ]);
      expect(body.errors).toEqual([
        { path: 'headers/x-reason', message: expect.stringContaining('1 to 64 of a-z 0-9 -') },
      ]);
    },
  );

  it('takes a reason, or none; it is no part of what its key stands for', async () => {
    const { asked } = await write(make, request);
    expect(asked?.reason).toBeNull();
    for (const value of ['r'.repeat(64), 'ticket-12345', '7']) {
      const given = await write(make, { ...request, headers: { 'x-reason': value } });
      expect(given.asked).toEqual({ ...asked, reason: value });
    }
  });

  it('takes an Idempotency-Key of 128 characters', async () => {
    const { asked } = await write(make, { ...request, headers: { 'idempotency-key': '~'.repeat(128) } });
    expect(asked?.idempotencyKey).toBe('~'.repeat(128));
  });

  it('is the same request when sent again, and tells nothing of its content', async () => {
    const [one, two] = [await write(make, request), await write(make, request)];
    expect(one.asked?.requestHash).toBe(two.asked?.requestHash);
  });
});

describe('what makes a request another one', () => {
  it.each([
    [
      'the operation',
      makeUnbindIdentifier,
      { parameters: { memberId, field: 'phone' } },
      makeCancelMember,
      { parameters },
    ],
    [
      'the member',
      makeCancelMember,
      { parameters },
      makeCancelMember,
      { parameters: { memberId: memberId.replace(/7$/, '8') } },
    ],
    [
      'the value',
      makeBindIdentifier,
      { parameters, body: { cardNo: '240001' } },
      makeBindIdentifier,
      { parameters, body: { cardNo: '240002' } },
    ],
    [
      'the kind',
      makeBindIdentifier,
      { parameters, body: { cardNo: '240001' } },
      makeBindIdentifier,
      { parameters, body: { unionId: '240001' } },
    ],
    [
      'a missing field',
      makeUpdateMember,
      { parameters, body: { level: 0 } },
      makeUpdateMember,
      { parameters, body: { level: 0, name: 'A' } },
    ],
    [
      'the name',
      makeRegisterMember,
      { body: registration },
      makeRegisterMember,
      { body: { ...registration, name: 'B' } },
    ],
  ] as const)('%s', async (_, oneMake, oneRequest, otherMake, otherRequest) => {
    const one = (await write(oneMake, oneRequest)).asked?.requestHash;
    const other = (await write(otherMake, otherRequest)).asked?.requestHash;
    expect(one).toBeTypeOf('string');
    expect(one).not.toBe(other);
  });

  it.each([
    [
      'the order of properties',
      makeUpdateMember,
      { parameters, body: '{"name":"A","level":1}' },
      { parameters, body: ' {"level":1,"name":"A"}' },
    ],
    [
      'the order of accounts',
      makeRegisterMember,
      { body: registration },
      { body: { ...registration, accounts: [...registration.accounts].reverse() } },
    ],
    [
      'the form of a name',
      makeUpdateMember,
      { parameters, body: { name: 'e\u0301' } },
      { parameters, body: { name: '\u00e9' } },
    ],
    [
      'If-Match',
      makeUpdateMember,
      { parameters, body: { level: 1 } },
      { parameters, body: { level: 1 }, headers: { 'if-match': '"7"' } },
    ],
  ] as const)('not %s', async (_, make, oneRequest, otherRequest) => {
    const one = (await write(make, oneRequest)).asked?.requestHash;
    expect((await write(make, otherRequest)).asked?.requestHash).toBe(one);
  });
});

describe('the body', () => {
  const update = (request: FakeRequest) => write(makeUpdateMember, { parameters, ...request });

  it.each(['7', 'W/"7"', '""', '"a"', '"99999999999999999"', '*', '"7", "8"'])(
    'refuses If-Match %j',
    async (value) => {
      const { status, body } = await update({ body: { level: 1 }, headers: { 'if-match': value } });
      expect([status, body.errors[0].path]).toEqual([400, 'headers/if-match']);
    },
  );

  it('names the faults of id, headers and body at once', async () => {
    const { body } = await update({
      parameters: { memberId: 'x' },
      headers: { 'if-match': 'x', 'idempotency-key': 'é' },
      body: { name: 5, level: 'high', rank: 1 },
    });
    expect(body.errors.map((fault: { path: string }) => fault.path).sort()).toEqual([
      '/level',
      '/name',
      '/rank',
      'headers/idempotency-key',
      'headers/if-match',
      'parameters/memberId',
    ]);
  });

  it.each([
    undefined,
    '',
    'text/plain',
    'application/jsonp',
    'application/json; charset=latin1',
    'application/x-www-form-urlencoded',
  ])('answers 415 to the content type %j', async (type) => {
    const { status, body } = await update({ body: { level: 1 }, headers: { 'content-type': type } });
    expect([status, body.code]).toEqual([415, 'unsupported-media-type']);
  });

  it.each([
    'application/json',
    'APPLICATION/JSON',
    'application/json;charset=UTF-8',
    'application/json; charset="utf-8"',
  ])('takes the content type %j', async (type) => {
    expect((await update({ body: { level: 1 }, headers: { 'content-type': type } })).status).toBe(200);
  });

  it.each(['', '{', '{"level":1}}', '+8613800000001', '\u0000'])(
    'answers 400 malformed-json to %j, not repeating it',
    async (text) => {
      const { status, body, text: answer } = await update({ body: text });
      expect([status, body.code]).toEqual([400, 'malformed-json']);
      expect(answer).not.toContain('138');
    },
  );

  it('refuses a body that is not UTF-8', async () => {
    const parts = fakeParts();
    const event = { parameters, body: 'x', base64: true };
    const handler = makeUpdateMember(() => parts);
    const { status, body } = await ask(
      (given, context) =>
        handler({ ...given, body: Buffer.from([0x22, 0xff, 0x22]).toString('base64') }, context),
      event,
    );
    expect([status, body.code]).toEqual([400, 'malformed-json']);
  });

  it('takes a body in base64', async () => {
    expect((await update({ body: { level: 1 }, base64: true })).status).toBe(200);
  });

  it('takes 64 KiB and no byte more', async () => {
    const padded = (bytes: number) => '{"level":1}'.padEnd(bytes, ' ');
    expect((await update({ body: padded(65_536) })).status).toBe(200);
    for (const base64 of [false, true]) {
      const { status, body } = await update({ body: padded(65_537), base64 });
      expect([status, body.code]).toEqual([413, 'body-too-large']);
    }
  });
});

describe('unbinding', () => {
  it.each(['', 'name', 'account', 'account:nokia', 'account:elong-app:x', 'Phone'])(
    'refuses the field %j',
    async (field) => {
      const { status, body } = await write(makeUnbindIdentifier, { parameters: { memberId, field } });
      expect([status, body.errors[0].path]).toEqual([400, 'parameters/field']);
    },
  );
});

it('covers every outcome of a write', () => {
  const kinds: Record<WriteOutcome['kind'], true> = {
    done: true,
    'no-such-member': true,
    'not-bound': true,
    'identifier-bound': true,
    'version-conflict': true,
    'key-reused': true,
    unavailable: true,
  };
  expect(kinds[done.kind]).toBe(true);
});
