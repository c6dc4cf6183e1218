import { describe, expect, it } from 'vitest';
import type { CacheCluster } from '../../functions/core/cache/ports.ts';
import { DependencyUnavailable } from '../../functions/core/kernel/invariant.ts';
import type { MemberSource } from '../../functions/core/member/ports.ts';
import { makeHealth } from '../../functions/runtime/health.ts';

const clock = { nowMs: () => 0, monotonicMs: () => 0, sleep: async () => {} };
const answers = async (): Promise<never> => null as never;
const fails = async (): Promise<never> => Promise.reject(new DependencyUnavailable('x', undefined));

const check = (caches: readonly (typeof answers)[], sources: readonly (typeof answers)[]) =>
  makeHealth({
    caches: caches.map((read) => ({ read }) as unknown as CacheCluster),
    sources: sources.map((member) => ({ member }) as unknown as MemberSource),
    clock,
  }).check({ atMonotonicMs: 1_000 });

describe('health', () => {
  it('serves while one Redis and one source answer', async () => {
    expect(await check([fails, answers], [fails, answers])).toBe('serving');
  });

  it.each([
    ['no Redis', [fails, fails], [answers]],
    ['no source', [answers], [fails]],
    ['nothing', [fails], [fails]],
    ['no Redis to ask', [], [answers]],
  ])('fails when there is %s', async (_, caches, sources) => {
    expect(await check(caches, sources)).toBe('failing');
  });
});
