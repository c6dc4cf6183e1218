import type { Trimming } from '../../core/failover/ports.ts';
import { dayOf, dayOfToken } from '../../core/kernel/ids.ts';
import type { Sharding } from '../../core/sharding/sharding.ts';
import { leaseStands, type MemoryClusters, memoryClusterOf } from './cluster-lookup.ts';
import { commitTo, type MemoryTables } from './memory-cluster.ts';
import { noTurn, type Turn, taking } from './turn.ts';

/** Trimming in memory: same outcomes as in MySQL, a method one step on the cluster's state. */
export function makeMemoryTrimming(options: {
  readonly clusters: MemoryClusters;
  readonly sharding: Sharding;
  /** The day of a database's own clock, as tokens name days. @default UTC's */
  readonly dayOf?: (nowMs: number) => number;
  readonly turn?: Turn;
}): Trimming {
  const { clusters, sharding, turn = noTurn } = options;
  const ownDay = options.dayOf ?? dayOf;

  return {
    raiseTokenMark: (databaseCluster, oldestDay) =>
      taking(turn, databaseCluster, () =>
        commitTo(memoryClusterOf(clusters, databaseCluster), (tables, nowMs) => {
          if (!leaseStands(tables, nowMs)) return { kind: 'not-the-writer' };
          const { control } = tables;
          control.oldestTokenDay = Math.max(control.oldestTokenDay, Math.min(oldestDay, ownDay(nowMs)));
          return { kind: 'raised' };
        }),
      ),

    trim: (databaseCluster, slots, { idempotencyMs, registrationMs }, rowsMax) =>
      taking(turn, databaseCluster, () => {
        const cluster = memoryClusterOf(clusters, databaseCluster);
        const wanted = new Set(slots);
        /** The oldest of each table past their age, by table: key and slot. */
        const dueIn = (tables: MemoryTables, nowMs: number) => {
          const { token, idempotency, registration } = tables;
          const mark = tables.control.oldestTokenDay;
          return [
            boundBySlot(
              token,
              ([name, { slot }]) => (dayOfToken(name) < mark && wanted.has(slot) ? slot : null),
              rowsMax,
            ),
            boundBySlot(
              idempotency,
              ([, { receipt, committedAtMs }]) =>
                committedAtMs < nowMs - idempotencyMs ? slotIn(wanted, sharding, receipt.memberId) : null,
              rowsMax,
            ),
            boundBySlot(
              registration,
              ([name, { begunAtMs }]) =>
                begunAtMs < nowMs - registrationMs ? slotIn(wanted, sharding, name) : null,
              rowsMax,
            ),
          ] as const;
        };
        // What finds nothing changes nothing, and need not be repeated by the replicas.
        if (dueIn(cluster.writer, cluster.clock.nowMs()).every(({ keys }) => keys.length === 0)) {
          return { kind: 'trimmed', unfinished: [] };
        }
        return commitTo(cluster, (tables, nowMs) => {
          if (!leaseStands(tables, nowMs)) return { kind: 'not-the-writer' };
          const [tokens, records, registrations] = dueIn(tables, nowMs);
          for (const key of tokens.keys) tables.token.delete(key);
          for (const key of records.keys) tables.idempotency.delete(key);
          for (const key of registrations.keys) tables.registration.delete(key);
          const unfinished = [tokens, records, registrations].flatMap(({ full }) => full);
          return { kind: 'trimmed', unfinished: [...new Set(unfinished)] };
        });
      }),
  };
}

function slotIn(wanted: ReadonlySet<number>, sharding: Sharding, text: string): number | null {
  const slot = sharding.slotOf(text);
  return wanted.has(slot) ? slot : null;
}

/** At most `rowsMax` keys of a slot, in the order they were written, and the slots that have as many. */
function boundBySlot<Value>(
  table: ReadonlyMap<string, Value>,
  dueSlotOf: (row: readonly [string, Value]) => number | null,
  rowsMax: number,
): { readonly keys: readonly string[]; readonly full: readonly number[] } {
  const counts = new Map<number, number>();
  const keys: string[] = [];
  for (const row of table) {
    const slot = dueSlotOf(row);
    if (slot === null) continue;
    const count = counts.get(slot) ?? 0;
    if (count === rowsMax) continue;
    counts.set(slot, count + 1);
    keys.push(row[0]);
  }
  return { keys, full: [...counts].filter(([, count]) => count === rowsMax).map(([slot]) => slot) };
}
