import { expect, it } from 'vitest';
import { makeLoading } from '../../../functions/core/cache/loading.ts';
import { DependencyUnavailable } from '../../../functions/core/kernel/invariant.ts';
import type { MemberSource, Sealer } from '../../../functions/core/member/ports.ts';
import { sourceOf } from '../../../functions/core/member/source.ts';
import { cacheKeyOfMember } from '../../../functions/core/propagation/event.ts';
import { makeHandClock } from '../../adapters/wall-clock.ts';

const clock = makeHandClock();
const soon = { atMonotonicMs: clock.monotonicMs() + 1_000 };
const target = {
  kind: 'member',
  memberId: 'M1',
  cacheKey: cacheKeyOfMember('M1'),
  databaseClusters: ['c0'],
} as const;
const empty = (name: string): MemberSource =>
  sourceOf({ name, members: async (ids) => ids.map(() => null), identifiers: async () => [] });
const away = (name: string): MemberSource =>
  sourceOf({
    name,
    members: async (ids) => ids.map(() => new DependencyUnavailable(name, 'away')),
    identifiers: async () => [],
  });
const ports = { sources: async () => [], sealer: {} as Sealer, clock };

it('asks the writer as it is well where there is something else to answer from, and by all means where not', async () => {
  const loading = makeLoading({ ...ports, writer: empty('writer'), writerIfWell: away('left alone') });
  expect(await loading.fromWriter([target], soon)).toEqual([null]);
  expect(await loading.load([{ target, minVersion: 0 }], soon)).toMatchObject([
    { source: 'writer', final: true, entry: { found: null, version: 0 } },
  ]);
});

it('asks the same writer for both when nothing else is said', async () => {
  const { fromWriter } = makeLoading({ ...ports, writer: empty('writer') });
  expect(await fromWriter([target], soon)).toMatchObject([{ source: 'writer', final: true }]);
});
