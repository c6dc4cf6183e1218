/** The observer in a world of scripts: its clock moves only while it sleeps, and each answer is what the test says. */
import { describe, expect, it } from 'vitest';
import type { Clock } from '../../../functions/core/kernel/clock.ts';
import { DependencyUnavailable } from '../../../functions/core/kernel/invariant.ts';
import type { Holding, Member, StoredMember } from '../../../functions/core/member/member.ts';
import type { MemberSource } from '../../../functions/core/member/ports.ts';
import type { Line } from '../../../functions/core/observer/nines.ts';
import { type Miss, makeObserver } from '../../../functions/core/observer/observer.ts';
import type { ReadBackAnswer } from '../../../functions/core/observer/ports.ts';
import type { CentreName, OutboxRow, SinkName } from '../../../functions/core/propagation/event.ts';
import { sampleEvent } from '../../adapters/sample-events.ts';

const delaysMs = [0, 1_000];
const phone: Holding = {
  identifier: { kind: 'phone', value: '+8613800000001' },
  key: '1.phone',
  token: '20260101.t1',
};

/** Member M1 was given `phone` by its change at version 7. */
const event = sampleEvent({
  memberId: 'M1',
  version: 7,
  directory: [{ key: phone.key, token: phone.token, to: 'bound' }],
});

const fresh = (answer: Partial<ReadBackAnswer>): ReadBackAnswer => ({
  memberId: 'M1',
  version: 7,
  freshness: 'fresh',
  source: 'cache',
  ...answer,
});
const nobody = { memberId: null, version: null };

interface World {
  /** The write's sinks at a time of the clock; null: its outbox row is gone. */
  readonly pending?: (atMs: number) => readonly SinkName[] | null;
  readonly answer?: (centre: CentreName, by: 'member' | 'identifier', atMs: number) => ReadBackAnswer | null;
  /** What the writer has now; by default what the event says. */
  readonly atWriter?: { readonly version: number; readonly holdings: readonly Holding[] };
  readonly share?: number;
}

async function observe(world: World) {
  const { pending = () => null, answer = () => fresh({}), share = 1 } = world;
  const { version, holdings } = world.atWriter ?? { version: 7, holdings: [phone] };
  let atMs = 0;
  const clock: Clock = {
    nowMs: () => atMs,
    monotonicMs: () => atMs,
    async sleep(ms) {
      atMs += Math.max(1, ms);
    },
  };
  const askedAtMs: number[] = [];
  const ask = (centre: CentreName, by: 'member' | 'identifier') => async (): Promise<ReadBackAnswer> => {
    askedAtMs.push(atMs);
    const given = answer(centre, by, atMs);
    if (given === null) throw new DependencyUnavailable(`api of ${centre}`, new Error('no answer'));
    return given;
  };
  const rowAt = (sinks: readonly SinkName[]): OutboxRow => ({
    databaseCluster: 'c0',
    sequence: 3,
    event,
    pending: sinks,
    olderRows: 0,
  });
  const stored = (of: number): StoredMember => ({
    memberId: 'M1',
    version: of,
    status: 'active',
    sealed: '',
  });
  const source = (name: string): MemberSource => ({
    name,
    member: async () => stored(version),
    identifier: async () => null,
    members: async () => [],
    identifiers: async () => [],
  });
  const misses: Miss[] = [];
  const reports: (readonly Line[])[] = [];
  const observer = makeObserver(
    {
      databaseClusters: ['c0'],
      control: { lastSequence: async () => 2 },
      outbox: {
        due: async (_cluster, _age, after) => (after < 3 ? [rowAt(pending(atMs) ?? [])] : []),
        find: async () => {
          const sinks = pending(atMs);
          return sinks && rowAt(sinks);
        },
      },
      readBack: {
        A: { member: ask('A', 'member'), lookUp: ask('A', 'identifier') },
        B: { member: ask('B', 'member'), lookUp: ask('B', 'identifier') },
      },
      writer: source('writer'),
      sources: [
        source('replica:b'),
        { ...source('search:x'), member: () => Promise.reject(new DependencyUnavailable('search:x', null)) },
      ],
      sealer: {
        keyId: '1',
        seal: () => '',
        open: (of) =>
          ({ holdings: of.version === 7 ? [phone] : holdings, status: 'active' }) as unknown as Member,
      },
      clock,
      random: () => 0.5,
    },
    { share, delaysMs, onMiss: (miss) => misses.push(miss), onReport: (report) => reports.push(report) },
  );
  await observer.run({ atMonotonicMs: 20_000 });
  const lines = reports.flat();
  const count = (verdict: keyof Line['counts']) =>
    lines.reduce((sum, { counts }) => sum + counts[verdict], 0);
  return { misses, lines, count, askedAtMs };
}

describe('the observer', () => {
  it('asks both centres for the member and by the identifier after each delay', async () => {
    const { count, misses, askedAtMs } = await observe({});
    expect([count('consistent'), misses]).toEqual([8, []]);
    expect((askedAtMs.at(-1) ?? 0) - (askedAtMs[0] ?? 0)).toBeGreaterThanOrEqual(1_000);
  });

  it('counts from the acknowledgement: no answer is asked for while a Redis may still lack the fence', async () => {
    const { askedAtMs } = await observe({
      pending: (atMs) => (atMs < 3_000 ? ['redis:redis-b-0'] : ['search:x']),
    });
    expect(askedAtMs[0]).toBeGreaterThanOrEqual(3_000);
  });

  it('does not wait for ever for a Redis that cannot be fenced', async () => {
    const { count } = await observe({ pending: () => ['redis:redis-b-0'] });
    expect(count('consistent')).toBe(8);
  });

  it('tells the trace of an answer that calls itself fresh and is older', async () => {
    const { count, misses } = await observe({
      answer: (centre, by, atMs) =>
        fresh({ version: centre === 'B' && by === 'member' && atMs < 1_000 ? 6 : 7 }),
    });
    expect([count('missed'), count('consistent')]).toEqual([1, 7]);
    expect(misses).toMatchObject([
      {
        databaseCluster: 'c0',
        sequence: 3,
        version: 7,
        centre: 'B',
        asked: 'member',
        delayMs: 0,
        answered: { version: 6, freshness: 'fresh', source: 'cache' },
        shown: { writer: 7, 'replica:b': 7, 'search:x': 'away' },
      },
    ]);
    expect(JSON.stringify(misses)).not.toMatch(/M1|138/);
  });

  it('does not count an answer against the service that says it may be old', async () => {
    const { count, lines } = await observe({ answer: () => fresh({ version: 6, freshness: 'bounded' }) });
    expect([count('labelled'), count('missed')]).toEqual([8, 0]);
    expect(lines[0]).toMatchObject({ ninesKnowing: 0 });
  });

  it('counts a stranger, or nobody, under an identifier that the member still holds', async () => {
    const found = await observe({ answer: (_, by) => fresh(by === 'identifier' ? { memberId: 'M2' } : {}) });
    expect(found.count('missed')).toBe(4);
    const lost = await observe({ answer: (_, by) => fresh(by === 'identifier' ? nobody : {}) });
    expect(lost.count('missed')).toBe(4);
  });

  it('does not judge what a later change explains', async () => {
    const answer: World['answer'] = (_, by) =>
      fresh(by === 'identifier' ? { memberId: 'M2' } : { version: 8 });
    const unbound = await observe({ answer, atWriter: { version: 8, holdings: [] } });
    expect([unbound.count('overtaken'), unbound.count('missed')]).toEqual([4, 0]);
    const renamed = await observe({ answer, atWriter: { version: 8, holdings: [phone] } });
    expect(renamed.count('missed')).toBe(4);
  });

  it('counts a centre that does not answer apart', async () => {
    const { count, lines } = await observe({ answer: (centre) => (centre === 'A' ? null : fresh({})) });
    expect([count('unanswered'), count('consistent')]).toEqual([4, 4]);
    expect(lines.find(({ centre }) => centre === 'A')?.nines).toBeNull();
  });

  it('follows no more than its share', async () => {
    expect((await observe({ share: 0.5 })).askedAtMs).toEqual([]);
  });
});
