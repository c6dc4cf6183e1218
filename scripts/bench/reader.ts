/** Our reader on one Redis, in front of a source of the bench's own: what it does is the cache's work alone. */
import { makeRedisCacheCluster } from '../../functions/adapters/redis/redis-cache-cluster.ts';
import { makeIds } from '../../functions/adapters/system/ids.ts';
import { makeSystemClock } from '../../functions/adapters/system/system-clock.ts';
import { makeSystemRandom } from '../../functions/adapters/system/system-random.ts';
import { makeMemberReader } from '../../functions/core/cache/reader.ts';
import { makeCentreState } from '../../functions/core/failover/centre-state.ts';
import { firstTopology } from '../../functions/core/failover/topology.ts';
import type { Member, StoredMember } from '../../functions/core/member/member.ts';
import type { MemberSource, Sealer } from '../../functions/core/member/ports.ts';

const clock = makeSystemClock();
const random = makeSystemRandom();
const databaseCluster = 'c0';

/** What the libraries do with a value too: JSON, and no secret. */
export const plainSealer: Sealer = {
  keyId: 'none',
  seal: (member) => JSON.stringify(member),
  open: ({ sealed }) => JSON.parse(sealed) as Member,
};

/** @param load what the writer says of a member */
export function openReader(url: string, load: (memberId: string) => Promise<StoredMember | null>) {
  const cache = makeRedisCacheCluster({ name: 'redis-a-0', url }, clock);
  const writer: MemberSource = {
    name: 'writer',
    member: load,
    identifier: async () => null,
    members: (memberIds) => Promise.all(memberIds.map(load)),
    identifiers: async (keys) => keys.map(() => null),
  };
  const reader = makeMemberReader({
    cacheOf: () => cache,
    sources: async () => [],
    writer,
    centreState: makeCentreState({
      fromCache: async () => null,
      fromStore: async () => firstTopology('A', 1),
    }),
    sharding: {
      clusters: [databaseCluster],
      slotOf: () => 0,
      clusterOfSlot: () => databaseCluster,
      clusterOf: () => databaseCluster,
    },
    hasher: { keysOf: () => [''] },
    sealer: plainSealer,
    ids: makeIds(clock, random),
    clock,
    random: random.fraction,
  });
  return { cache, reader, clock, databaseCluster };
}
