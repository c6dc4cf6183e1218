import type { BegunRegistration, Registrations } from '../../core/member/ports.ts';
import type { Sharding } from '../../core/sharding/sharding.ts';
import type { MemoryClusters } from './cluster-lookup.ts';
import { commitTo } from './memory-cluster.ts';
import { noTurn, type Turn, taking } from './turn.ts';
import { isWriter, memoryPlaceOf } from './writer-check.ts';

/** Registration records in memory: same outcomes as in MySQL. */
export function makeMemoryRegistrations(options: {
  readonly clusters: MemoryClusters;
  readonly sharding: Sharding;
  readonly turn?: Turn;
}): Registrations {
  const { clusters, sharding, turn = noTurn } = options;
  const beginMany: Registrations['beginMany'] = async (records) => {
    const placed = records.map((record) => {
      const name = `${record.caller}\u0000${record.key}`;
      return { ...record, name, ...memoryPlaceOf(clusters, sharding, name) };
    });
    const begun = new Map<string, BegunRegistration>();
    const answers = await Promise.all(
      [...new Set(placed.map(({ cluster }) => cluster))].map((cluster) =>
        taking(turn, cluster.name, () =>
          commitTo(cluster, (tables, nowMs) => {
            const mine = placed.filter((one) => one.cluster === cluster);
            if (
              !isWriter(
                tables,
                nowMs,
                mine.map(({ slot }) => slot),
              )
            )
              return null;
            return mine.map(({ name, memberId, requestHash }) => {
              const record = tables.registration.get(name) ?? { memberId, requestHash };
              tables.registration.set(name, { ...record, begunAtMs: nowMs });
              return {
                name,
                kind: 'registration' as const,
                memberId: record.memberId,
                requestHash: record.requestHash,
                epoch: tables.control.epoch.epoch,
              };
            });
          }),
        ),
      ),
    );
    if (answers.includes(null)) return { kind: 'not-the-writer' };
    for (const { name, ...one } of answers.flatMap((mine) => mine ?? [])) begun.set(name, one);
    return { kind: 'registrations', begun: placed.map(({ name }) => begun.get(name) as BegunRegistration) };
  };

  return {
    beginMany,
    async begin(record, deadline) {
      const outcome = await beginMany([record], deadline);
      return outcome.kind === 'not-the-writer' ? outcome : (outcome.begun[0] as BegunRegistration);
    },
  };
}
