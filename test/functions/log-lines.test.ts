import { describe, expect, it } from 'vitest';
import { DependencyUnavailable } from '../../functions/core/kernel/invariant.ts';
import { makeGetMember } from '../../functions/get-member.ts';
import { makeLookUpMember } from '../../functions/look-up-member.ts';
import { makeRegisterMember } from '../../functions/register-member.ts';
import { readSettings } from '../../functions/runtime/env.ts';
import { failureLine } from '../../functions/runtime/telemetry.ts';
import { ask, fakeParts, key, member, type Scene } from '../runtime/fake-parts.ts';

const linesOf = async (make: typeof makeGetMember, request: object, scene: Scene = {}) => {
  const parts = fakeParts(scene);
  await ask(
    make(() => parts),
    request,
  );
  return parts.lines;
};

describe('the line of a request', () => {
  it('says what was done for whom, where from and how long it took', async () => {
    const lines = await linesOf(makeGetMember, { parameters: { memberId: member.memberId } });
    expect(lines).toEqual([
      {
        operation: 'get-member',
        centre: 'A',
        lane: 'critical',
        caller: 'orders',
        requestId: 'r-1',
        trace_id: 'ab'.repeat(16),
        span_id: 'ab'.repeat(8),
        status: 200,
        outcome: 'ok',
        outcomeClass: 'ok',
        source: 'cache',
        freshness: 'fresh',
        durationMs: expect.any(Number),
        requests: 1,
        cacheHit: 1,
        fresh: 1,
      },
    ]);
  });

  it('says the code of a problem', async () => {
    const lines = await linesOf(makeGetMember, { headers: { authorization: undefined } });
    expect(lines).toMatchObject([
      { outcome: 'unauthenticated', status: 401, caller: undefined, failure: undefined },
    ]);
  });

  it('says which part failed, and why in one code', async () => {
    const cause = Object.assign(new Error('connect to +8613800000001'), { code: 'ECONNREFUSED' });
    const answer = new DependencyUnavailable('redis-a-0', cause);
    const lines = await linesOf(makeGetMember, { parameters: { memberId: member.memberId } }, { answer });
    expect(lines).toMatchObject([
      {
        outcome: 'unavailable',
        status: 503,
        failure: { code: 'dependency-unavailable', part: 'redis-a-0', causeCode: 'ECONNREFUSED' },
      },
    ]);
  });

  it('says why a write was not possible', async () => {
    const outcome = { kind: 'unavailable', reason: 'not-the-writer', retryAfterMs: 1_000 } as const;
    const body = { name: 'Ann', accounts: [{ platform: 'elong-app', accountId: 'el-1' }] };
    const lines = await linesOf(makeRegisterMember, { body }, { outcome });
    expect(lines).toMatchObject([{ outcome: 'unavailable', reason: 'not-the-writer', failure: undefined }]);
  });

  it.each([
    ['a lookup', makeLookUpMember, { body: { phone: '+8613800000001' } }, {}],
    ['a refused lookup', makeLookUpMember, { body: { phone: '+86 13800000001' } }, {}],
    ['malformed JSON', makeLookUpMember, { body: '{"phone": +8613800000001' }, {}],
    [
      'a registration',
      makeRegisterMember,
      {
        body: {
          name: '王小明',
          phone: '+8613800000001',
          accounts: [{ platform: 'elong-app', accountId: 'el-1' }],
        },
      },
      {},
    ],
    [
      'a failure that quotes',
      makeLookUpMember,
      { body: { phone: '+8613800000001' } },
      { answer: new Error("Duplicate entry '+8613800000001' for key el-1 of 王小明") },
    ],
  ] as const)('holds nothing personal and no key: %s', async (_, make, request, scene) => {
    const text = JSON.stringify(await linesOf(make, request, scene));
    expect(text).not.toMatch(/13800000001|el-1|tc-1|王小明|01890a5d/);
    expect(text).not.toContain(key);
  });
});

it('says of an error where it was thrown, and nothing it says itself', () => {
  const line = failureLine(new TypeError('+8613800000001'));
  expect(line).toEqual({
    name: 'TypeError',
    at: expect.stringMatching(/^functions\/log-lines\.test\.ts:\d+$/),
  });
});

it('says what is wrong with the configuration', () => {
  let thrown: unknown;
  try {
    readSettings({ ...process.env, CENTRE: 'secret' });
  } catch (error) {
    thrown = error;
  }
  const { code, says } = failureLine(thrown);
  expect(code).toBe('settings-invalid');
  expect(says).toContain('CENTRE is not valid; LANE is missing');
  expect(says).not.toContain('secret');
});

it('says of what is no error only its type', () => {
  expect(failureLine('+8613800000001')).toEqual({ name: 'string' });
});
