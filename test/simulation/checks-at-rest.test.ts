/** Each check at rest fails on a violation made by hand, and holds without it. */
import { beforeEach, expect, test } from 'vitest';
import { entryOf } from '../../functions/core/cache/entry.ts';
import { cacheKeyOfIdentifier, cacheKeyOfMember } from '../../functions/core/propagation/event.ts';
import { sampleEvent } from '../adapters/sample-events.ts';
import {
  cacheEqualsDatabase,
  cachesServe,
  directorySettled,
  everythingDrained,
  noIdentifierTwice,
  rowsAreTheCommits,
  searchEqualsDatabase,
} from './checks-at-rest.ts';
import { cacheNames, sharding } from './engines.ts';
import { epoch, invariantOf, makeScene, type Scene } from './scene.ts';

const key = 'phone-1';
let scene: Scene;
beforeEach(() => {
  scene = makeScene();
  scene.commit('M1', 1, [key]);
  scene.commit('M2', 2, ['phone-2']);
});
const clusterOf = (text: string) => {
  const cluster = scene.engines.clusters[sharding.clusterOf(text)];
  if (!cluster) throw new Error('no such cluster');
  return cluster.writer;
};

test('noIdentifierTwice', () => {
  const check = () => invariantOf(noIdentifierTwice(scene.engines, scene.sealer));
  expect(check()).toBeNull();
  scene.commit('M3', 3, [key]);
  expect(check()).toBe('I1');
});

test('rowsAreTheCommits', () => {
  expect(rowsAreTheCommits(scene.engines, scene.truth)).toBeNull();
  clusterOf('M1').member.delete('M1');
  expect(invariantOf(rowsAreTheCommits(scene.engines, scene.truth))).toBe('I5');
});

test('everythingDrained', () => {
  const check = () => invariantOf(everythingDrained(scene.engines));
  const event = sampleEvent({ memberId: 'M1', version: 1 });
  expect(check()).toBeNull();
  clusterOf('M1').outbox.set(1, { sequence: 1, event, pending: [], committedAtMs: 0 });
  expect(check()).toBe('I6');
  clusterOf('M1').outbox.clear();
  scene.engines.journals.B.entries.set('x', { number: 1, databaseCluster: 'c0', event, appendedAtMs: 0 });
  expect(check()).toBe('I6');
  scene.engines.journals.B.entries.clear();
  const fence = { key: cacheKeyOfMember('M1'), version: 1, databaseCluster: 'c0', memberId: 'M1' };
  scene.engines.redises['redis-a-0']?.fences.set(fence.key, { fence, ordinal: 1, endsAtMs: null });
  expect(check()).toBe('I6');
});

test('cachesServe', () => {
  const check = () => invariantOf(cachesServe(scene.engines));
  expect(check()).toBe('I6');
  for (const name of [...cacheNames.A, ...cacheNames.B]) {
    const redis = scene.engines.redises[name];
    if (!redis) throw new Error('no such Redis');
    redis.readySince = 1;
    for (const cluster of sharding.clusters)
      redis.grants.set(cluster, { held: true, endsAtMs: redis.clock.nowMs() + 1 });
  }
  expect(check()).toBeNull();
  clusterOf('M1').redisGrant.set('redis-b-1', { grantEndsMs: 0, suspended: true, reliedCount: 1 });
  expect(check()).toBe('I6');
  clusterOf('M1').redisGrant.clear();
  scene.engines.redises['redis-b-1']?.grants.delete('c1');
  expect(check()).toBe('I6');
});

test('cacheEqualsDatabase', () => {
  const redis = scene.engines.redises['redis-a-0'];
  const put = (member: { readonly memberId: string; readonly version: number } | null): string | null => {
    const endsAtMs = (redis?.clock.nowMs() ?? 0) + 1;
    const stored = member && { ...member, status: 'active' as const, sealed: 'sealed' };
    const held = entryOf(stored, member?.version ?? 0);
    redis?.values.set(cacheKeyOfIdentifier(key), { held, endsAtMs });
    return invariantOf(cacheEqualsDatabase(scene.engines, scene.truth));
  };
  expect(put({ memberId: 'M1', version: epoch + 1 })).toBeNull();
  expect(put({ memberId: 'M1', version: epoch })).toBe('I6');
  expect(put({ memberId: 'M2', version: epoch + 1 })).toBe('I6');
  expect(put(null)).toBe('I6');
});

test('searchEqualsDatabase', () => {
  const check = () => invariantOf(searchEqualsDatabase(scene.engines, scene.truth));
  const backup = scene.engines.search.backup;
  expect(check()).toBeNull();
  backup?.identifiers.set(key, { format: 1, state: 'free', version: 9 });
  expect(check()).toBe('I6');
  backup?.identifiers.set(key, { format: 1, state: 'bound', memberId: 'M2', token: 't', version: 9 });
  expect(check()).toBe('I6');
  backup?.identifiers.delete(key);
  expect(check()).toBe('I6');
  scene.commit('M1', 3, [key]);
  expect(check()).toBeNull();
  backup?.members.delete('M1');
  expect(check()).toBe('I6');
});

test('directorySettled', () => {
  const check = () => invariantOf(directorySettled(scene.engines, scene.truth));
  const { directory } = clusterOf(key);
  const row = directory.get(key);
  if (!row) throw new Error('no such row');
  expect(check()).toBeNull();
  for (const wrong of [{ state: 'claimed' }, { state: 'free' }, { token: 'another' }] as const) {
    directory.set(key, { ...row, ...wrong });
    expect(check()).toBe('I6');
  }
  directory.set(key, row);
  // A row left claimed by a dead writer is nothing to settle; one that is bound to nobody who holds it is.
  directory.set('phone-9', { ...row, key: 'phone-9', state: 'claimed' });
  expect(check()).toBeNull();
  directory.set('phone-9', { ...row, key: 'phone-9' });
  expect(check()).toBe('I6');
});
