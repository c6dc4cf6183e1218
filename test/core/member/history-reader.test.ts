import { describe, expect, it } from 'vitest';
import { DependencyUnavailable } from '../../../functions/core/kernel/invariant.ts';
import { makeHistoryReader } from '../../../functions/core/member/history-reader.ts';
import type { HistorySource } from '../../../functions/core/member/ports.ts';
import { sampleEvent } from '../../adapters/sample-events.ts';
import { makeHandClock } from '../../adapters/wall-clock.ts';

const deadline = { atMonotonicMs: 2_000_000 };
const entry = JSON.stringify(sampleEvent({ memberId: 'm-1', version: 1 }).history);

/** A source with so many entries, or one that does not answer after so many questions. */
function sourceOf(name: string, count: number, answersMax = Number.POSITIVE_INFINITY) {
  const asked: [after: number, limit: number][] = [];
  const source: HistorySource = {
    name,
    async rows(_, afterVersion, limit) {
      asked.push([afterVersion, limit]);
      if (asked.length > answersMax) throw new DependencyUnavailable(name, new Error('away'));
      const versions = Array.from({ length: count }, (_, index) => index + 1);
      return versions
        .filter((version) => version > afterVersion)
        .slice(0, limit)
        .map((version) => ({ version, entry }));
    },
  };
  return { ...source, asked };
}

const read = (writer: HistorySource, replicas: readonly HistorySource[], limit = 100, afterVersion = 0) =>
  makeHistoryReader({ writer, replicas, clock: makeHandClock() })('m-1', { afterVersion, limit }, deadline);

describe('a member’s life', () => {
  it('is what the writer says, while it answers', async () => {
    const replica = sourceOf('replica:b-0', 2);
    const page = await read(sourceOf('writer', 3), [replica]);
    expect(page).toMatchObject({ source: 'writer', isFinal: true, nextAfter: null, unreadable: [] });
    expect(page.changes.map(({ version }) => version)).toEqual([1, 2, 3]);
    expect(replica.asked).toEqual([]);
  });

  it('is read in bounded pages, and tells where to go on', async () => {
    const writer = sourceOf('writer', 500);
    const first = await read(writer, [], 450);
    expect([first.changes.length, first.nextAfter]).toEqual([450, 450]);
    expect(writer.asked).toEqual([
      [0, 200],
      [200, 200],
      [400, 51],
    ]);
    const rest = await read(writer, [], 450, first.nextAfter ?? 0);
    expect([rest.changes.length, rest.nextAfter]).toEqual([50, null]);
    expect((await read(sourceOf('writer', 100), [], 100)).nextAfter).toBeNull();
  });

  it('is what a replica shows while the writer is away, and says so', async () => {
    const away = sourceOf('replica:b-0', 0, 0);
    const page = await read(sourceOf('writer', 300, 1), [away, sourceOf('replica:b-1', 290)], 1_000);
    expect(page).toMatchObject({ source: 'replica:b-1', isFinal: false });
    expect(page.changes.length).toBe(290);
  });

  it('leaves time for the replicas when the writer hangs', async () => {
    const clock = makeHandClock();
    const writer: HistorySource = {
      name: 'writer',
      async rows(_member, _after, _limit, { atMonotonicMs }) {
        await clock.sleep(atMonotonicMs - clock.monotonicMs());
        throw new DependencyUnavailable('writer', new Error('the deadline passed'));
      },
    };
    const soon = { atMonotonicMs: clock.monotonicMs() + 20_000 };
    const reader = makeHistoryReader({ writer, replicas: [sourceOf('replica:b-0', 1)], clock });
    const page = await reader('m-1', { afterVersion: 0, limit: 100 }, soon);
    expect(page).toMatchObject({ source: 'replica:b-0', isFinal: false });
    expect(soon.atMonotonicMs - clock.monotonicMs()).toBeGreaterThan(10_000);
  });

  it('is not known when nothing answers', async () => {
    await expect(read(sourceOf('writer', 1, 0), [sourceOf('b-0', 1, 0)])).rejects.toBeInstanceOf(
      DependencyUnavailable,
    );
  });

  it('names what only newer code can read', async () => {
    const source: HistorySource = {
      name: 'writer',
      rows: async () => [
        { version: 1, entry },
        { version: 2, entry: '{"format":99}' },
      ],
    };
    const page = await read(source, []);
    expect([page.changes.map(({ version }) => version), page.unreadable]).toEqual([[1], [2]]);
  });
});
