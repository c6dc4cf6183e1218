import { describe, expect, it } from 'vitest';
import type { CacheCluster } from '../../functions/core/cache/ports.ts';
import type { Topology } from '../../functions/core/failover/topology.ts';
import { DependencyUnavailable } from '../../functions/core/kernel/invariant.ts';
import type { MemberSource } from '../../functions/core/member/ports.ts';
import { makeHealth } from '../../functions/runtime/health.ts';

const clock = { nowMs: () => 0, monotonicMs: () => 0, sleep: async () => {} };
const answers = async (): Promise<never> => null as never;
const fails = async (): Promise<never> => Promise.reject(new DependencyUnavailable('x', undefined));

const reads = async () => ({ value: null, grants: [], state: null });

const check = (
  caches: readonly (typeof answers | typeof reads)[],
  sources: readonly (typeof answers)[],
  topology: Partial<Topology> | null = {},
) =>
  makeHealth({
    caches: caches.map((read) => ({ read }) as unknown as CacheCluster),
    sources: sources.map((member) => ({ member }) as unknown as MemberSource),
    centreState: { saw: () => {}, current: topology ? async () => topology as Topology : fails },
    clock,
  }).check({ atMonotonicMs: 1_000 });

describe('health', () => {
  it('serves while one Redis and one source answer', async () => {
    expect(await check([fails, reads], [fails, answers])).toBe('serving');
  });

  it('is draining when the topology says so, and fails all the same when it cannot serve', async () => {
    expect(await check([reads], [answers], { isDraining: true })).toBe('draining');
    expect(await check([reads], [fails], { isDraining: true })).toBe('failing');
  });

  it('serves while nobody can tell its topology', async () => {
    expect(await check([reads], [answers], null)).toBe('serving');
  });

  it.each([
    ['no Redis', [fails, fails], [answers]],
    ['no source', [reads], [fails]],
    ['nothing', [fails], [fails]],
    ['no Redis to ask', [], [answers]],
  ])('fails when there is %s', async (_, caches, sources) => {
    expect(await check(caches, sources)).toBe('failing');
  });
});
