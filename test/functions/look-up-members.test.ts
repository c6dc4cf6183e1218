import { describe, expect, it } from 'vitest';
import type { ReadOutcome } from '../../functions/core/cache/answers.ts';
import { ShareUsedUp } from '../../functions/core/cache/answers.ts';
import { DependencyUnavailable } from '../../functions/core/kernel/invariant.ts';
import { SealBroken } from '../../functions/core/member/errors.ts';
import { makeLookUpMembers } from '../../functions/look-up-members.ts';
import { ask, fakeParts, member, type Scene } from '../runtime/fake-parts.ts';

const found: ReadOutcome = { kind: 'member', member, freshness: 'fresh', source: 'cache' };
const nobody: ReadOutcome = {
  kind: 'nobody',
  version: 0,
  freshness: 'bounded',
  ageMs: 2_500,
  source: 'cache',
};
const stale: ReadOutcome = { kind: 'nobody', version: 0, freshness: 'stale', source: 'search:backup' };
const away = new DependencyUnavailable('database c0', new Error('secret'));

const lookUp = async (body: unknown, outcomes: readonly ReadOutcome[] = [], scene: Scene = {}) => {
  const parts = fakeParts({ outcomes, ...scene });
  return {
    parts,
    ...(await ask(
      makeLookUpMembers(() => parts),
      { method: 'POST', body },
    )),
  };
};
const phones = (count: number) => Array.from({ length: count }, (_, at) => ({ phone: `+8613800000${at}` }));

describe('POST /v1/members/lookup-batch', () => {
  it('answers each lookup in order, as the same lookup alone', async () => {
    const { status, headers, body } = await lookUp({ lookups: phones(4) }, [nobody, found, away, stale]);
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'cache-control': 'no-store',
      'x-freshness': 'stale',
      'x-source': 'several',
    });
    expect(body.results).toEqual([
      { status: 404, code: 'no-such-member', freshness: 'bounded', age: 3, source: 'cache' },
      {
        status: 200,
        member: expect.objectContaining({ memberId: member.memberId, phone: '+8613800000001' }),
        freshness: 'fresh',
        source: 'cache',
      },
      { status: 503, code: 'unavailable', retryAfter: 1 },
      { status: 404, code: 'no-such-member', freshness: 'stale', source: 'search:backup' },
    ]);
  });

  it('asks for all of them at once, each kind of identifier, duplicates too', async () => {
    const lookups = [
      { phone: '+8613800000001' },
      { account: { platform: 'elong-app', accountId: 'el-1' } },
      { cardNo: '240000000001' },
      { unionId: 'o6' },
      { phone: '+8613800000001' },
    ];
    const { parts } = await lookUp({ lookups });
    const phone = { kind: 'phone', value: '+8613800000001' };
    expect(parts.calls).toEqual([
      {
        name: 'lookUpMany',
        args: [
          [
            phone,
            { kind: 'account', platform: 'elong-app', value: 'el-1' },
            { kind: 'cardNo', value: '240000000001' },
            { kind: 'unionId', value: 'o6' },
            phone,
          ],
          { atMonotonicMs: 2_000 },
        ],
      },
    ]);
  });

  it.each([
    [[found, found], { 'x-freshness': 'fresh', 'x-source': 'cache' }],
    [[found, nobody], { 'x-freshness': 'bounded', age: '3', 'x-source': 'cache' }],
    [[nobody, { ...nobody, ageMs: 9_000 }, away], { 'x-freshness': 'bounded', age: '9' }],
    [[stale, nobody], { 'x-freshness': 'stale', 'x-source': 'several' }],
  ] as const)('promises of the whole what the worst promises: %#', async (outcomes, expected) => {
    const { headers } = await lookUp({ lookups: phones(2) }, outcomes as readonly ReadOutcome[]);
    expect(headers).toMatchObject(expected);
  });

  it('promises nothing when nothing was answered, and tells a used-up share from what is away', async () => {
    const refused = new DependencyUnavailable('search:backup', new ShareUsedUp());
    const { status, headers, body } = await lookUp({ lookups: phones(2) }, [away, refused]);
    expect(status).toBe(200);
    expect(headers).not.toHaveProperty('x-freshness');
    expect(body.results).toEqual([
      { status: 503, code: 'unavailable', retryAfter: 1 },
      { status: 503, code: 'lane-exhausted', retryAfter: 1 },
    ]);
  });

  it('shows damage at the writer as a failure of its own, and logs it', async () => {
    const { body, parts } = await lookUp({ lookups: phones(2) }, [found, new SealBroken('m')]);
    expect(body.results.map((one: { status: number }) => one.status)).toEqual([200, 500]);
    expect(parts.lines).toEqual([
      expect.objectContaining({
        outcome: 'ok',
        failure: expect.objectContaining({ code: 'seal-broken' }),
        cacheHit: 1,
        fresh: 1,
      }),
    ]);
  });

  it('takes a hundred, and no more', async () => {
    expect((await lookUp({ lookups: phones(100) })).status).toBe(200);
    const { status, body, parts } = await lookUp({ lookups: phones(101) });
    expect([status, body.code]).toEqual([400, 'invalid-request']);
    expect(body.errors).toEqual([{ path: '/lookups', message: 'must hold at most 100 lookups' }]);
    expect(parts.calls).toEqual([]);
  });

  it.each([
    ['no list', { lookups: {} }, ['/lookups']],
    ['nothing', {}, ['/lookups']],
    ['an empty list', { lookups: [] }, ['/lookups']],
    ['no object', [], ['']],
    ['another property', { lookups: phones(1), all: true }, ['/all']],
    [
      'faults of several lookups',
      {
        lookups: [
          { phone: '1' },
          { cardNo: '240000000001' },
          {},
          null,
          { unionId: 'x', phone: '+8613800000001' },
        ],
      },
      ['/lookups/0/phone', '/lookups/2', '/lookups/3', '/lookups/4'],
    ],
    [
      'half an account',
      { lookups: [{ account: { platform: 'nokia' } }] },
      ['/lookups/0/account/platform', '/lookups/0/account/accountId'],
    ],
  ])('refuses %s, by path', async (_, body, paths) => {
    const { status, body: problem, parts } = await lookUp(body);
    expect([status, problem.code]).toEqual([400, 'invalid-request']);
    expect(problem.errors.map((fault: { path: string }) => fault.path)).toEqual(paths);
    expect(parts.calls).toEqual([]);
  });
});
