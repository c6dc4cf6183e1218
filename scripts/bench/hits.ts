/** A hit of the cache, beside a bare client and the libraries. */
import { entryOf, readEntry } from '../../functions/core/cache/entry.ts';
import { firstEpoch } from '../../functions/core/failover/epoch.ts';
import { deadlineAfter } from '../../functions/core/kernel/clock.ts';
import { cacheKeyOfMember } from '../../functions/core/propagation/event.ts';
import { libraryNames, openLibrary } from './libraries.ts';
import { type Contender, measure, named, ratio } from './measure.ts';
import { makeSamples } from './members.ts';
import { openReader, plainSealer } from './reader.ts';
import { rounded, type Section, sideBySide } from './section.ts';

const samplesCount = 500;
const pace = { rounds: 7, roundMs: 300 };
const readMs = 1_000;
const bareName = 'bare ioredis GET, JSON.parse';
const lifetimeMs = 3_600_000;

export const hits: Section = {
  name: 'hits',
  about: 'a hit of the cache beside a bare client and the libraries',
  async run({ own, urls }) {
    const { cache, reader, clock, databaseCluster } = openReader(urls.redis, async () => null);
    const samples = makeSamples(own, 'hits', samplesCount).map(({ member }) => ({
      memberId: member.memberId,
      key: cacheKeyOfMember(member.memberId),
      stored: {
        memberId: member.memberId,
        version: member.version,
        status: member.status,
        sealed: plainSealer.seal(member),
      },
      member,
    }));
    for (const { key, stored } of samples) {
      const text = entryOf(stored, stored.version);
      const deadline = deadlineAfter(clock, readMs);
      await cache.lease([key], 'bench', lifetimeMs, firstEpoch.epoch, deadline);
      await cache.fill('bench', [{ key, version: stored.version, value: text, lifetimeMs }], deadline);
    }
    let turn = 0;
    const next = () => samples[turn++ % samplesCount] as (typeof samples)[number];

    const libraries = libraryNames.map((name) => openLibrary(name, urls.redis));
    for (const library of libraries) {
      for (const { memberId, member } of samples)
        await library.getOrLoad(`b:${memberId}`, async () => member);
    }
    const missed = async (): Promise<never> => {
      throw new Error('a hit was none');
    };
    const contenders: Contender[] = [
      ...libraries.map(
        (library): Contender => ({
          name: library.name === 'bare' ? bareName : library.name,
          request: () => library.getOrLoad(`b:${next().memberId}`, missed),
        }),
      ),
      {
        name: 'ours, the port',
        async request() {
          const { key } = next();
          const { value, grants } = await cache.read(key, [databaseCluster], deadlineAfter(clock, readMs));
          const entry = value === null || grants.length === 0 ? null : readEntry(value);
          return entry?.member ? JSON.parse(entry.member.sealed) : await missed();
        },
      },
      {
        name: 'ours, get or load',
        async request() {
          const answer = await reader.member(next().memberId, deadlineAfter(clock, readMs));
          if (answer.freshness !== 'fresh' || answer.source !== 'cache') await missed();
        },
      },
    ];
    const alone = await measure(contenders, 1, pace);
    const together = await measure(contenders, 64, pace);
    cache.close();
    await Promise.all(libraries.map((library) => library.close()));

    const port = named(together, 'ours, the port');
    const whole = named(together, 'ours, get or load');
    const versus = (name: string) => rounded(ratio(whole, named(together, name)));
    return {
      tables: [
        {
          title: 'A hit of the cache',
          note: 'The same member from one Redis, parsed. "the port" is `CacheCluster.read`, one MGET of value, grant and centre state, and is held against the bare client; "get or load" is the reader with everything that makes an answer `fresh`, and is held against the libraries’ `getOrSet` and `wrap`. The libraries do not seal what they store, so neither does this one; sealing is in the whole request below.',
          head: [
            '',
            '1 caller, /s',
            '64 callers, /s',
            'CPU us (1)',
            'CPU us (64)',
            'beside bare (1)',
            'beside bare (64)',
          ],
          rows: sideBySide(alone, together, (_, single, many) => [
            single.cpuMicros,
            many.cpuMicros,
            ratio(single, named(alone, bareName)),
            ratio(many, named(together, bareName)),
          ]),
        },
      ],
      json: {
        ratios: {
          hitVsIoredis: rounded(ratio(port, named(together, bareName))),
          hitVsBentocache: versus('bentocache'),
          hitVsCacheable: versus('cacheable'),
          hitVsCacheManager: versus('cacheManager'),
        },
      },
    };
  },
};
