import type { Tokens } from '../../core/directory/ports.ts';
import { dayOfToken } from '../../core/kernel/ids.ts';
import type { Sharding } from '../../core/sharding/sharding.ts';
import type { MemoryClusters } from './cluster-lookup.ts';
import { commitTo } from './memory-cluster.ts';
import { noTurn, type Turn, taking } from './turn.ts';
import { isWriter, memoryPlaceOf } from './writer-check.ts';

/** Decided tokens in memory: same outcomes as in MySQL. */
export function makeMemoryTokens(options: {
  readonly clusters: MemoryClusters;
  readonly sharding: Sharding;
  readonly turn?: Turn;
}): Tokens {
  const { clusters, sharding, turn = noTurn } = options;
  return {
    voidToken(memberId, token) {
      const { slot, cluster } = memoryPlaceOf(clusters, sharding, memberId);
      return taking(turn, cluster.name, () =>
        commitTo(cluster, (tables, nowMs) => {
          if (!isWriter(tables, nowMs, [slot])) return { kind: 'not-the-writer' };
          if (dayOfToken(token) < tables.control.oldestTokenDay) return { kind: 'trimmed' };
          const decided = tables.token.get(token) ?? { outcome: 'void', slot };
          tables.token.set(token, decided);
          return { kind: decided.outcome };
        }),
      );
    },
  };
}
