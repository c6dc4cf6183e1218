import type { MemberWalk } from '../../core/member/ports.ts';
import type { Sharding } from '../../core/sharding/sharding.ts';
import { type MemoryClusters, memoryClusterOf } from './cluster-lookup.ts';
import { noTurn, type Turn, taking } from './turn.ts';
import { isWriter } from './writer-check.ts';

/** Walks the members of a slot in memory: same outcomes as in MySQL. */
export function makeMemoryMemberWalk(options: {
  readonly clusters: MemoryClusters;
  readonly sharding: Sharding;
  readonly turn?: Turn;
}): MemberWalk {
  const { clusters, sharding, turn = noTurn } = options;
  return {
    page(slot, afterMemberId, limit) {
      const cluster = memoryClusterOf(clusters, sharding.clusterOfSlot(slot));
      return taking(turn, cluster.name, () => {
        if (!isWriter(cluster.writer, cluster.clock.nowMs(), [slot])) return { kind: 'not-the-writer' };
        const members = [...cluster.writer.member.values()]
          .filter(({ memberId }) => sharding.slotOf(memberId) === slot && memberId > afterMemberId)
          .sort((one, other) => (one.memberId < other.memberId ? -1 : 1))
          .slice(0, limit);
        return { kind: 'page', members };
      });
    },
  };
}
