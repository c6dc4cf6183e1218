/** Each check fails on a violation made by hand, and holds without it. */
import { beforeEach, expect, test } from 'vitest';
import type { ReadAnswer } from '../../functions/core/cache/answers.ts';
import type { Member } from '../../functions/core/member/member.ts';
import { cacheKeyOfIdentifier, cacheKeyOfMember } from '../../functions/core/propagation/event.ts';
import {
  answersInTime,
  bothEndsAgree,
  commitsOnce,
  conflictIsReal,
  noSilentStaleness,
  nothingUnexpected,
  oneOwner,
  registeredOnce,
  sameReceipt,
  versionsGrow,
} from './checks.ts';
import { invariantOf, makeScene, type Scene } from './scene.ts';

const key = 'phone-1';
let scene: Scene;
beforeEach(() => {
  scene = makeScene();
});

test('oneOwner', () => {
  expect(oneOwner(...both(scene.commit('M1', 1, [key])))).toBeNull();
  expect(oneOwner(...both(scene.commit('M1', 2, [key])))).toBeNull();
  expect(invariantOf(oneOwner(...both(scene.commit('M2', 3, [key]))))).toBe('I1');
});

test('registeredOnce', () => {
  const { commit } = scene.commit('M1', 1, [], 'k', 'register');
  expect(registeredOnce(scene.truth, commit)).toBeNull();
  expect(invariantOf(registeredOnce(scene.truth, scene.commit('M2', 2, [], 'k', 'register').commit))).toBe(
    'I8',
  );
});

test('commitsOnce', () => {
  expect(commitsOnce(scene.truth, scene.commit('M1', 1, [], 'k').commit)).toBeNull();
  expect(commitsOnce(scene.truth, scene.commit('M2', 2, [], 'k').commit)).toBeNull();
  expect(invariantOf(commitsOnce(scene.truth, scene.commit('M1', 3, [], 'k').commit))).toBe('I8');
});

test('versionsGrow', () => {
  const first = scene.commit('M1', 5, []).commit;
  expect(versionsGrow(undefined, first)).toBeNull();
  expect(versionsGrow(first, scene.commit('M1', 6, []).commit)).toBeNull();
  expect(invariantOf(versionsGrow(first, scene.commit('M1', 5, []).commit))).toBe('I5');
  expect(invariantOf(versionsGrow(undefined, scene.commit('M2', -1, []).commit))).toBe('I5');
});

test('sameReceipt', () => {
  scene.commit('M1', 1, [], 'k');
  scene.commit('M1', 2, [], 'l');
  const request = { caller: 'orders', idempotencyKey: 'k', requestHash: '' };
  expect(sameReceipt(scene.truth, request, null, scene.receipt('M1', 1))).toBeNull();
  expect(sameReceipt(scene.truth, request, scene.receipt('M1', 1), scene.receipt('M1', 1))).toBeNull();
  expect(invariantOf(sameReceipt(scene.truth, request, scene.receipt('M1', 1), scene.receipt('M1', 2)))).toBe(
    'I8',
  );
  expect(invariantOf(sameReceipt(scene.truth, request, null, scene.receipt('M1', 2)))).toBe('I8');
  const mistaken = { ...request, requestHash: 'another body' };
  expect(invariantOf(sameReceipt(scene.truth, mistaken, null, scene.receipt('M1', 1)))).toBe('I8');
  expect(
    invariantOf(
      sameReceipt(scene.truth, { ...request, idempotencyKey: 'none' }, null, scene.receipt('M1', 1)),
    ),
  ).toBe('I8');
});

test('bothEndsAgree', () => {
  scene.commit('M1', 1, [key]);
  scene.commit('M1', 2, []);
  const read = { cacheKey: cacheKeyOfIdentifier(key), identifierKey: key, startedAtMs: 0, floor: 0 };
  const answered = (member: Member): ReadAnswer => ({
    kind: 'member',
    member,
    freshness: 'stale',
    source: 'cache',
  });
  const check = (member: Member) => invariantOf(bothEndsAgree(scene.truth, read, answered(member)));
  expect(check(scene.memberOf('M1', 1, [key]))).toBeNull();
  expect(
    bothEndsAgree(scene.truth, read, { kind: 'nobody', version: 0, freshness: 'stale', source: 'cache' }),
  ).toBeNull();
  expect(check(scene.memberOf('M1', 2, []))).toBe('I2');
  expect(check(scene.memberOf('M1', 2, [key]))).toBe('I2');
  expect(check(scene.memberOf('M1', 3, [key]))).toBe('I2');
});

test('noSilentStaleness of a member', () => {
  const { truth, commit, receipt, memberOf } = scene;
  commit('M1', 1, []);
  commit('M1', 2, []);
  const cacheKey = cacheKeyOfMember('M1');
  const check = (answer: ReadAnswer, startedAtMs = scene.now()) =>
    invariantOf(
      noSilentStaleness(
        truth,
        { cacheKey, identifierKey: null, startedAtMs, floor: truth.timeline(cacheKey).floor },
        answer,
      ),
    );
  const old = { kind: 'member', member: memberOf('M1', 1, []), source: 'cache' } as const;
  // In flight: either may be seen.
  truth.acknowledged(receipt('M1', 1));
  expect(check({ ...old, freshness: 'fresh' })).toBeNull();
  scene.pass(1_000);
  truth.acknowledged(receipt('M1', 2));
  scene.pass(1_000);
  expect(check({ ...old, freshness: 'fresh' })).toBe('I4');
  expect(check({ kind: 'nobody', version: 0, source: 'cache', freshness: 'fresh' })).toBe('I4');
  expect(check({ ...old, freshness: 'stale' })).toBeNull();
  expect(check({ ...old, freshness: 'bounded', ageMs: 1_001 })).toBeNull();
  expect(check({ ...old, freshness: 'bounded', ageMs: 999 })).toBe('I4');
  expect(check({ ...old, member: memberOf('M1', 2, []), freshness: 'fresh' })).toBeNull();
});

test('noSilentStaleness of an identifier that moves on', () => {
  const { truth, commit, receipt, memberOf } = scene;
  const cacheKey = cacheKeyOfIdentifier(key);
  const check = (answer: ReadAnswer) =>
    invariantOf(
      noSilentStaleness(
        truth,
        { cacheKey, identifierKey: key, startedAtMs: 0, floor: truth.timeline(cacheKey).floor },
        answer,
      ),
    );
  const held = (memberId: string, change: number): ReadAnswer => ({
    kind: 'member',
    member: memberOf(memberId, change, [key]),
    source: 'cache',
    freshness: 'fresh',
  });
  const nobody: ReadAnswer = { kind: 'nobody', version: 0, source: 'cache', freshness: 'fresh' };
  commit('M1', 1, [key]);
  commit('M1', 2, []);
  commit('M2', 3, [key]);
  expect([check(held('M1', 1)), check(nobody), check(held('M2', 3))]).toEqual([null, null, null]);
  truth.acknowledged(receipt('M1', 2));
  expect([check(held('M1', 1)), check(nobody), check(held('M2', 3))]).toEqual(['I4', null, null]);
  truth.acknowledged(receipt('M2', 3));
  expect([check(held('M1', 1)), check(nobody), check(held('M2', 3))]).toEqual(['I4', 'I4', null]);
});

test('conflictIsReal', () => {
  const { truth, commit } = scene;
  const cacheKey = cacheKeyOfIdentifier(key);
  const check = (from: number) => invariantOf(conflictIsReal(truth, [cacheKey], new Map([[cacheKey, from]])));
  expect(check(0)).toBe('I6');
  commit('M1', 1, [key]);
  commit('M1', 2, []);
  expect(check(1)).toBeNull();
  expect(check(2)).toBe('I6');
});

test('answersInTime and nothingUnexpected', () => {
  expect(answersInTime('a read', 1_050, 1_000)).toBeNull();
  expect(invariantOf(answersInTime('a read', 1_200, 1_000))).toBe('I7');
  expect(nothingUnexpected('a read', new TypeError('no')).message).toContain('no');
});

const both = ({ commit, earlierOwners }: ReturnType<Scene['commit']>) => [commit, earlierOwners] as const;
