/**
 * Databases whose writers move: each database cluster has the servers of the first epoch, and once a copy in B was elected,
 * those that follow it. The old writer goes on as a server of its own, for whoever still takes it for the writer.
 */
import type { MemoryCluster, MemoryTables } from '../../functions/adapters/memory/memory-cluster.ts';
import { replicaNames } from './engines.ts';

/** A copy with nothing in common. Rows are replaced, never changed. */
function copyOf(tables: MemoryTables): MemoryTables {
  const maps = Object.fromEntries(
    Object.entries(tables).map(([name, table]) => [
      name,
      table instanceof Map ? new Map(table) : table instanceof Set ? new Set(table) : { ...table },
    ]),
  );
  return maps as unknown as MemoryTables;
}

/** The copies in B, the most advanced first: what has been replicated is all that they ever get. */
export function candidatesIn({ replicas }: MemoryCluster): readonly string[] {
  return [...replicaNames.B].sort(
    (one, other) => (replicas[other]?.applied ?? 0) - (replicas[one]?.applied ?? 0),
  );
}

/**
 * The database cluster with `name` as its writer. B's other copies go on from where they are; A's is built anew. B's copies
 * are the same servers as before, for the old cluster's readers too, which nothing of the old writer reaches any more.
 */
export function elected(old: MemoryCluster, name: string): MemoryCluster {
  const chosen = old.replicas[name];
  if (!chosen) throw new Error(`no ${name}`);
  const { tables, applied } = chosen;
  const replicas = Object.fromEntries([
    ...replicaNames.A.map((at) => [at, { tables: copyOf(tables), applied }] as const),
    ...replicaNames.B.map((at) => {
      if (at === name) return [at, { tables, applied: Number.MAX_SAFE_INTEGER }] as const;
      const copy = old.replicas[at] ?? chosen;
      // One that has more is built anew.
      return [at, copy.applied > applied ? { tables: copyOf(tables), applied } : copy] as const;
    }),
  ]);
  return { name: old.name, clock: old.clock, writer: tables, replicas, log: old.log.slice(0, applied) };
}
