/** A miss of the cache, answered by the search cluster and filled, beside a bare search. */
import { Client } from '@opensearch-project/opensearch';
import { readAliasOf } from '../../functions/adapters/opensearch/names.ts';
import { makeMemberReader } from '../../functions/core/cache/reader.ts';
import { pick } from '../../functions/core/cache/rendezvous.ts';
import { deadlineAfter } from '../../functions/core/kernel/clock.ts';
import { cacheKeyOfMember } from '../../functions/core/propagation/event.ts';
import { type Contender, type Measured, measure, named, ratio } from './measure.ts';
import { makeSamples } from './members.ts';
import { rounded, type Section, sideBySide } from './section.ts';

const samplesCount = 2_000;
const pace = { rounds: 5, roundMs: 400 };
const readMs = 1_000;
const seedMs = 30_000;

export const misses: Section = {
  name: 'misses',
  about: 'a miss, answered by search and filled, beside a bare search',
  async run({ own, urls }) {
    const { clock, sinks, random } = own;
    const samples = makeSamples(own, 'misses', samplesCount);
    const primary = sinks.search.primary?.cluster;
    if (!primary) throw new Error('there is no primary search cluster');
    await primary.put(
      samples.map(({ event }) => event),
      1,
      deadlineAfter(clock, seedMs),
    );

    const caches = sinks.caches.A;
    const names = Object.keys(caches);
    const reader = makeMemberReader({
      ...own,
      cacheOf: (key) => caches[pick(names, key)] as (typeof caches)[string],
      sources: async () => [primary],
      // Never asked: the search cluster has every member.
      writer: primary,
      random: random.fraction,
    });
    const agent = { keepAlive: true, maxSockets: 8, maxFreeSockets: 8 };
    const client = new Client({ node: urls.search, agent });

    let turn = 0;
    const of = () => samples[turn++ % samplesCount]?.member.memberId ?? '';
    let cold = 0;
    const forget = async (): Promise<void> => {
      cold = 0;
      const deadline = deadlineAfter(clock, seedMs);
      // A fence at the version that stands empties a value and keeps the cache ready.
      for (const cache of Object.values(caches)) {
        const mine = samples.filter(
          ({ member }) => caches[pick(names, cacheKeyOfMember(member.memberId))] === cache,
        );
        const fences = mine.map(({ member: { memberId, version } }) => ({
          key: cacheKeyOfMember(memberId),
          version,
          databaseCluster: 'c0',
          memberId,
        }));
        await cache.fence(fences, deadline);
      }
    };
    const contenders: Contender[] = [
      {
        name: 'bare search: get by id',
        request: () => {
          const id = of();
          return client.get({ index: readAliasOf('', 'members'), id, routing: id, realtime: true });
        },
      },
      {
        name: 'ours, a miss',
        prepare: forget,
        isSpent: () => cold >= samplesCount,
        async request() {
          const id = samples[cold++]?.member.memberId ?? '';
          const answer = await reader.member(id, deadlineAfter(clock, readMs));
          if (answer.source !== 'search:primary') throw new Error(`no miss: ${answer.source}`);
        },
      },
    ];
    const alone = await measure(contenders, 1, pace);
    const together = await measure(contenders, 8, pace);
    await client.close();

    const versus = (all: readonly Measured[], name = 'ours, a miss') =>
      ratio(named(all, name), named(all, 'bare search: get by id'));
    return {
      tables: [
        {
          title: 'A miss',
          note: 'Ours: one `MGET`, the lease, the member’s document from the search cluster, opening it, the fill. Beside it the search alone, by the client’s own `get`.',
          head: [
            '',
            '1 caller, /s',
            '8 callers, /s',
            'CPU us (1)',
            'CPU us (8)',
            'beside bare (1)',
            'beside bare (8)',
          ],
          rows: sideBySide(alone, together, (name, single, many) => [
            single.cpuMicros,
            many.cpuMicros,
            versus(alone, name),
            versus(together, name),
          ]),
        },
      ],
      json: { ratios: { missVsSearch: rounded(versus(together)) } },
    };
  },
};
