import { beforeEach, describe, expect, it } from 'vitest';
import { DependencyUnavailable } from '../../../functions/core/kernel/invariant.ts';
import { dependencies, type Meter, makeMeter } from '../../../functions/runtime/telemetry/meter.ts';

let nowMs: number;
let meter: Meter;
/** Calls that end when the test says so. */
let pending: { resolve(value: unknown): void; reject(error: Error): void }[];
const port = {
  name: 'part',
  ask: (_question: string) => new Promise((resolve, reject) => void pending.push({ resolve, reject })),
  plain: () => 7,
};

beforeEach(() => {
  nowMs = 1_000;
  pending = [];
  meter = makeMeter(() => nowMs);
});

const settled = () => new Promise((resolve) => setImmediate(resolve));
const readingOf = (name: (typeof dependencies)[number]) =>
  meter.readings().find(({ index }) => dependencies[index] === name);

describe('the meter', () => {
  it('measures calls one after the other', async () => {
    const search = meter.timed('search', port);
    for (const tookMs of [5, 20]) {
      const answer = search.ask('?');
      nowMs += tookMs;
      pending.at(-1)?.resolve('!');
      expect(await answer).toBe('!');
      nowMs += 100;
    }
    expect(meter.readings()).toEqual([{ index: 2, calls: 2, failures: 0, ms: 25, maxMs: 20 }]);
  });

  it('counts the time of calls at once a single time', async () => {
    const cache = meter.timed('cache', port);
    const answers = [cache.ask('1')];
    nowMs += 10;
    answers.push(cache.ask('2'));
    nowMs += 10;
    pending[0]?.resolve(1);
    await settled();
    nowMs += 5;
    pending[1]?.resolve(2);
    await Promise.all(answers);
    expect(readingOf('cache')).toMatchObject({ calls: 2, ms: 25, maxMs: 20 });
  });

  it('is done with a call before whoever waits for it goes on', async () => {
    const cache = meter.timed('cache', port);
    const answer = cache.ask('?');
    nowMs += 3;
    pending[0]?.resolve('!');
    await answer;
    nowMs += 50;
    expect(readingOf('cache')).toMatchObject({ ms: 3, maxMs: 3 });
  });

  it('counts as failures only what was not answered', async () => {
    const writer = meter.timed('writer', port);
    for (const error of [new DependencyUnavailable('part', new Error()), new Error('refused')]) {
      const answer = writer.ask('?');
      pending.at(-1)?.reject(error);
      await expect(answer).rejects.toBe(error);
    }
    expect(readingOf('writer')).toMatchObject({ calls: 2, failures: 1 });
  });

  it('tells of calls that are still under way how long they have been', () => {
    void meter.timed('journal', port).ask('?');
    nowMs += 40;
    expect(readingOf('journal')).toMatchObject({ calls: 1, ms: 40, maxMs: 40 });
  });

  it('does not charge a request for what the one before left behind', async () => {
    const cache = meter.timed('cache', port);
    const late = cache.ask('late');
    meter.reset();
    expect(meter.readings()).toEqual([]);
    const own = cache.ask('own');
    nowMs += 10;
    pending[0]?.resolve('!');
    await late;
    nowMs += 10;
    pending[1]?.resolve('!');
    await own;
    expect(readingOf('cache')).toMatchObject({ calls: 1, ms: 20, maxMs: 20 });
  });

  it('leaves the port as it was otherwise', () => {
    const timed = meter.timed('cache', port);
    expect([timed.name, timed.plain()]).toEqual(['part', 7]);
    expect(meter.readings()).toEqual([]);
  });
});
