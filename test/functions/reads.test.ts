import { describe, expect, it } from 'vitest';
import type { ReadAnswer } from '../../functions/core/cache/answers.ts';
import { DependencyUnavailable, InvariantBroken } from '../../functions/core/kernel/invariant.ts';
import { makeGetMember } from '../../functions/get-member.ts';
import { makeLookUpMember } from '../../functions/look-up-member.ts';
import { ask, fakeParts, hashOf, key, member, orders, type Scene, topology } from '../runtime/fake-parts.ts';

const { memberId } = member;

const get = (scene: Scene = {}, request: object = {}) =>
  ask(
    makeGetMember(() => fakeParts(scene)),
    { parameters: { memberId }, ...request },
  );

describe('GET /v1/members/{memberId}', () => {
  it('answers the member as callers see it, with how sure that is', async () => {
    const { status, headers, body } = await get();
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      etag: '"4294967297"',
      'x-freshness': 'fresh',
      'x-source': 'cache',
      'cache-control': 'no-store',
    });
    expect(headers).not.toHaveProperty('age');
    expect(body).toEqual({
      memberId,
      version: 4294967297,
      status: 'active',
      name: '王小明',
      level: 3,
      phone: '+8613800000001',
      accounts: [
        { platform: 'elong-app', accountId: 'el-1' },
        { platform: 'tongcheng-app', accountId: 'tc-1' },
      ],
      createdAt: '2026-01-01T00:00:00.000Z',
      updatedAt: '2026-01-01T00:00:00.000Z',
    });
  });

  it('shows an identifier once that is held under two keys', async () => {
    const twice = [...member.holdings, ...member.holdings.map((held) => ({ ...held, key: `2.${held.key}` }))];
    const answer: ReadAnswer = {
      kind: 'member',
      member: { ...member, holdings: twice },
      freshness: 'fresh',
      source: 'cache',
    };
    expect((await get({ answer })).body).toEqual((await get()).body);
  });

  it('tells the age of a bounded answer, rounded up', async () => {
    const answer: ReadAnswer = {
      kind: 'member',
      member,
      freshness: 'bounded',
      ageMs: 1_001,
      source: 'cache',
    };
    const { headers } = await get({ answer });
    expect(headers).toMatchObject({ 'x-freshness': 'bounded', age: '2' });
  });

  it('answers 404 for nobody, as sure as the answer is', async () => {
    const { status, headers, body } = await get({
      answer: { kind: 'nobody', version: 0, freshness: 'stale', source: 'replica:b-0' },
    });
    expect(status).toBe(404);
    expect(body).toEqual({
      type: 'urn:membership:problem:no-such-member',
      title: 'There is no such member.',
      status: 404,
      code: 'no-such-member',
    });
    expect(headers).toMatchObject({
      'content-type': 'application/problem+json',
      'x-freshness': 'stale',
      'x-source': 'replica:b-0',
    });
  });

  it('answers 404 for a cancelled member', async () => {
    const answer: ReadAnswer = {
      kind: 'member',
      member: { ...member, status: 'cancelled' },
      freshness: 'fresh',
      source: 'cache',
    };
    expect((await get({ answer })).body.code).toBe('no-such-member');
  });

  it.each(['', '1', memberId.toUpperCase(), `${memberId}0`, `${memberId}\n`])(
    'refuses the id %j',
    async (id) => {
      const { status, body } = await get({}, { parameters: { memberId: id } });
      expect(status).toBe(400);
      expect(body).toMatchObject({
        code: 'invalid-request',
        errors: [{ path: 'parameters/memberId', message: 'must be a UUID in lower case' }],
      });
    },
  );
});

describe('POST /v1/members/lookup', () => {
  const lookUp = async (body: unknown, scene: Scene = {}) => {
    const parts = fakeParts(scene);
    return {
      parts,
      ...(await ask(
        makeLookUpMember(() => parts),
        { method: 'POST', body },
      )),
    };
  };

  it.each([
    [{ phone: '+8613800000001' }, { kind: 'phone', value: '+8613800000001' }],
    [{ unionId: 'o6_bm.x:1-' }, { kind: 'unionId', value: 'o6_bm.x:1-' }],
    [{ cardNo: '240000000001' }, { kind: 'cardNo', value: '240000000001' }],
    [
      { account: { platform: 'elong-app', accountId: 'el-1' } },
      { kind: 'account', platform: 'elong-app', value: 'el-1' },
    ],
  ])('looks up %j', async (body, identifier) => {
    const { status, parts, headers } = await lookUp(body);
    expect(status).toBe(200);
    expect(headers).toMatchObject({ etag: '"4294967297"', 'x-freshness': 'fresh', 'x-source': 'cache' });
    expect(parts.calls).toEqual([{ name: 'lookUp', args: [identifier, { atMonotonicMs: 2_000 }] }]);
  });

  it('needs no Idempotency-Key', async () => {
    const { status } = await ask(
      makeLookUpMember(() => fakeParts()),
      { body: { phone: '+8613800000001' }, headers: { 'idempotency-key': undefined } },
    );
    expect(status).toBe(200);
  });

  it('answers 404 without repeating what was looked for', async () => {
    const { status, text } = await lookUp(
      { phone: '+8613800000001' },
      { answer: { kind: 'nobody', version: 0, freshness: 'fresh', source: 'writer' } },
    );
    expect(status).toBe(404);
    expect(text).not.toContain('138');
  });

  it.each([
    ['two of them', { phone: '+8613800000001', cardNo: '240000000001' }, ['']],
    ['none', {}, ['']],
    ['no object', [], ['']],
    ['another property', { phone: '+8613800000001', name: 'x' }, ['/name']],
    ['a wrong value', { phone: '13800000001' }, ['/phone']],
    ['null', { phone: null }, ['/phone']],
    ['an unknown platform', { account: { platform: 'nokia', accountId: 'a' } }, ['/account/platform']],
    ['half an account', { account: { platform: 'elong-app' } }, ['/account/accountId']],
  ])('refuses %s, by path', async (_, body, paths) => {
    const { status, body: problem } = await lookUp(body);
    expect(status).toBe(400);
    expect(problem.code).toBe('invalid-request');
    expect(problem.errors.map((fault: { path: string }) => fault.path)).toEqual(paths);
  });
});

describe('who may read', () => {
  const refused = (scene: Scene, authorization?: string) =>
    get(scene, authorization === undefined ? {} : { headers: { authorization } });

  it.each([undefined, '', 'Basic abc', 'Bearer', 'Bearer ', 'Bearer nobodys', `Bearer ${'k'.repeat(257)}`])(
    'answers 401 to the credentials %j',
    async (authorization) => {
      const { status, headers, body } = await get({}, { headers: { authorization } });
      expect(status).toBe(401);
      expect(body.code).toBe('unauthenticated');
      expect(headers['www-authenticate']).toBe('Bearer');
    },
  );

  it('takes the scheme in any case', async () => {
    expect((await refused({}, `bearer ${key}`)).status).toBe(200);
  });

  it('refuses a disabled caller', async () => {
    const { status, body } = await refused({ callers: [{ ...orders, state: 'disabled' }] });
    expect([status, body.code]).toEqual([403, 'caller-disabled']);
  });

  it('refuses a caller of the other lane', async () => {
    const { status, body } = await refused({ callers: [{ ...orders, lane: 'marketing' }] });
    expect([status, body.code]).toEqual([403, 'wrong-lane']);
  });

  const revoked = { ...topology, revokedKeyHashes: [hashOf(key)] };

  it('refuses a revoked key once the state was read, whatever the answer would have been', async () => {
    const found = await refused({ topology: revoked });
    const missing = await refused({
      topology: revoked,
      answer: { kind: 'nobody', version: 0, freshness: 'fresh', source: 'cache' },
    });
    for (const { status, body, headers } of [found, missing]) {
      expect([status, body.code]).toEqual([403, 'key-revoked']);
      expect(headers).not.toHaveProperty('x-source');
    }
  });

  it('goes by the registry alone while no state can be had', async () => {
    const state = {
      saw: () => {},
      refresh: async () => {},
      current: async () => {
        throw new DependencyUnavailable('parameters', undefined);
      },
    };
    expect((await refused({ parts: { state } })).status).toBe(200);
  });
});

describe('when a read fails', () => {
  it('answers 503 with Retry-After when nothing can answer', async () => {
    const { status, headers, body } = await get({
      answer: new DependencyUnavailable('database c0', new Error('secret')),
    });
    expect([status, body.code, headers['retry-after']]).toEqual([503, 'unavailable', '1']);
  });

  it('answers 503 when the registry cannot be read', async () => {
    const callers = {
      byKeyHash: async () => Promise.reject(new DependencyUnavailable('parameters', undefined)),
    };
    expect((await get({ parts: { callers } })).status).toBe(503);
  });

  it('answers 500 without any detail to what was not foreseen', async () => {
    for (const error of [new InvariantBroken('+8613800000001'), new TypeError('+8613800000001')]) {
      const { status, body } = await get({ answer: error });
      expect(status).toBe(500);
      expect(body).toEqual({
        type: 'urn:membership:problem:internal',
        title: 'The service failed.',
        status: 500,
        code: 'internal',
      });
    }
  });

  it('answers 503 shortly before the invocation would be cut off', async () => {
    const never = () => new Promise<never>(() => {});
    const reader = { member: never, lookUp: never, lookUpMany: never };
    const parts = fakeParts({ parts: { reader } });
    const { status, body } = await ask(
      makeGetMember(() => parts),
      { parameters: { memberId } },
      30,
    );
    expect([status, body.code]).toEqual([503, 'unavailable']);
  });

  it('answers 500 when the parts cannot be made', async () => {
    const broken = makeGetMember(() => {
      throw new Error('the environment is wrong');
    });
    expect((await ask(broken, { parameters: { memberId } })).status).toBe(500);
  });
});

describe('the deadline of a read', () => {
  it.each([
    [30_000, 2_000],
    [700, 1_450],
    [100, 1_000],
  ])('with %d ms left ends at %d', async (remainingMs, atMonotonicMs) => {
    const parts = fakeParts();
    await ask(
      makeGetMember(() => parts),
      { parameters: { memberId } },
      remainingMs,
    );
    expect(parts.calls).toEqual([{ name: 'member', args: [memberId, { atMonotonicMs }] }]);
  });
});
