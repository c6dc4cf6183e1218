import { describe, expect, it } from 'vitest';
import type { Lane } from '../../functions/core/caller/caller.ts';
import type { Topology } from '../../functions/core/failover/topology.ts';
import { sourceOf } from '../../functions/core/member/source.ts';
import { laneLimits, requestRates } from '../../functions/runtime/lanes.ts';
import { makeSources } from '../../functions/runtime/sources.ts';
import { makeHandClock } from '../adapters/wall-clock.ts';
import { topology } from './fake-parts.ts';

const named = (name: string) => sourceOf({ name, members: async () => [], identifiers: async () => [] });
const search = { primary: named('primary'), backup: named('backup'), marketing: named('marketing') };
const clock = makeHandClock();
const soon = { atMonotonicMs: clock.monotonicMs() + 1_000 };

async function sourcesOf(lane: Lane, change: Partial<Topology> = {}, openHere: readonly string[] = []) {
  const { sources, writer, writerIfWell } = makeSources({
    lane,
    limits: laneLimits[lane],
    search,
    replicas: [named('replica')],
    writer: named('writer'),
    writerIfWell: named('writer, if well'),
    centreState: { current: async () => ({ ...topology, ...change }) },
    breakers: { mayRead: (name) => !openHere.includes(name), watched: (_, source) => source },
    clock,
    random: () => 0,
  });
  const all = await sources(soon);
  const writers = [writer?.name ?? null, writerIfWell?.name ?? null];
  return { all, names: all.map(({ name }) => name), writers };
}

describe('what the critical lane reads', () => {
  it('is its search clusters in the order of the topology, a replica, the writer: all without a bound', async () => {
    const { all, names, writers } = await sourcesOf('critical');
    expect(names).toEqual(['primary', 'backup', 'replica']);
    expect(writers).toEqual(['writer', 'writer, if well']);
    expect(all.some(({ take }) => take)).toBe(false);
  });

  it('leaves out what is suspended', async () => {
    expect((await sourcesOf('critical', { suspendedParts: ['primary'] })).names).toEqual([
      'backup',
      'replica',
    ]);
  });
});

describe('a breaker that this process has opened for itself', () => {
  it.each([
    ['critical', 'primary', ['backup', 'replica']],
    ['marketing', 'marketing', ['backup']],
  ] as const)('takes the %s lane away from %s', async (lane, cluster, left) => {
    expect((await sourcesOf(lane, {}, [cluster])).names).toEqual(left);
  });

  it("does not bring back what an operator's switch has taken out", async () => {
    expect((await sourcesOf('critical', { suspendedParts: ['primary', 'backup'] })).names).toEqual([
      'replica',
    ]);
  });
});

describe('what the marketing lane reads', () => {
  it('is its own search cluster, then a share of backup: no replica, and never the writer', async () => {
    const { all, names, writers } = await sourcesOf('marketing');
    expect([names, writers]).toEqual([
      ['marketing', 'backup'],
      [null, null],
    ]);
    const [own, backup] = all;
    expect(own?.take).toBeUndefined();
    const burst = laneLimits.marketing.furtherSearch?.burst;
    expect([backup?.take?.(1_000), backup?.take?.(1)]).toEqual([burst, 0]);
  });

  it('has no more of backup while its own cluster is out of use', async () => {
    const { all, names } = await sourcesOf('marketing', { suspendedParts: ['marketing'] });
    expect(names).toEqual(['backup']);
    expect(all[0]?.take).toBeDefined();
  });

  it('is never primary, whatever the topology says', async () => {
    const mistaken = { critical: ['primary'], marketing: ['primary', 'marketing', 'backup'] };
    const { all, names } = await sourcesOf('marketing', { search: mistaken });
    expect(names).toEqual(['marketing', 'backup']);
    expect(all.every(({ take }) => take)).toBe(true);
  });
});

describe('the rates of a lane', () => {
  it('are those of an environment, times its environments', () => {
    const one = laneLimits.marketing.requests.read;
    expect(requestRates('marketing', 7).read).toEqual({ perSecond: one.perSecond * 7, burst: one.burst * 7 });
  });

  it('leave the marketing lane the lesser part of everything', () => {
    for (const kind of ['read', 'batch', 'write'] as const) {
      const { critical, marketing } = laneLimits;
      expect(marketing.requests[kind].perSecond).toBeLessThan(critical.requests[kind].perSecond / 10);
    }
  });
});
