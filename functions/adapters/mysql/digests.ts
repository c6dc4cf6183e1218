import type { Deadline } from '../../core/kernel/clock.ts';
import { DependencyUnavailable } from '../../core/kernel/invariant.ts';
import { type Digest, type DigestSource, pairsMax, partsCount } from '../../core/propagation/digests.ts';
import { type Sharding, schemaOfSlot } from '../../core/sharding/sharding.ts';
import { clusterOf } from './clusters.ts';
import type { DatabaseClusters, Row, Statement } from './database.ts';
import { replicaOf } from './plain-run.ts';
import { integer, resultAt, text } from './rows.ts';
import { digestParts, pairsOfParts } from './statements/digest.ts';
import { atWriter } from './statements/read-at-writer.ts';

/**
 * The database as it is compared: at the writers, which must still be the writers, or as one replica shows it.
 * @param options `replica`: its name, the same in every database cluster
 */
export function makeMysqlDigests(options: {
  readonly clusters: DatabaseClusters;
  readonly sharding: Sharding;
  readonly replica?: string;
}): DigestSource {
  const { clusters, sharding, replica } = options;
  const name = replica === undefined ? 'writer' : `replica:${replica}`;

  /** One statement a slot, one round trip a database cluster. */
  const ask = async (
    slots: readonly number[],
    statementOf: (schema: string, slot: number) => Statement,
    columns: string,
    deadline: Deadline,
  ): Promise<ReadonlyMap<number, readonly Row[]>> => {
    const found = new Map<number, readonly Row[]>();
    const askOne = async (databaseCluster: string): Promise<void> => {
      const mine = slots.filter((slot) => sharding.clusterOfSlot(slot) === databaseCluster);
      if (mine.length === 0) return;
      const database =
        replica === undefined
          ? clusterOf(clusters, databaseCluster).writer
          : replicaOf(clusters, databaseCluster, replica);
      const results = await database.run(
        mine.map((slot) => {
          const statement = statementOf(schemaOfSlot(slot), slot);
          if (replica !== undefined) return statement;
          const at = { databaseCluster, slot, schema: schemaOfSlot(slot) };
          return atWriter(at, columns, { ...statement, sql: `LEFT JOIN (${statement.sql}) AS d ON TRUE` });
        }),
        deadline,
      );
      for (const [index, slot] of mine.entries()) {
        const { rows } = resultAt(results, index);
        if (replica === undefined && rows.length === 0)
          throw new DependencyUnavailable(database.name, new Error('its lease to write has ended'));
        found.set(slot, rows);
      }
    };
    await Promise.all(sharding.clusters.map(askOne));
    return found;
  };

  return {
    name,

    async digests(kind, slots, deadline) {
      const found = await ask(
        slots,
        (schema) => digestParts(schema, kind),
        'd.part, d.count, d.sum',
        deadline,
      );
      return slots.map((slot) => digestsIn(found.get(slot) ?? []));
    },

    async pairs(kind, wanted, deadline) {
      const partsOf = new Map(wanted.map(({ slot, parts }) => [slot, parts]));
      const found = await ask(
        [...partsOf.keys()],
        (schema, slot) => pairsOfParts(schema, kind, partsOf.get(slot) ?? []),
        'd.id, d.stamp',
        deadline,
      );
      const rows = [...found.values()].flat().filter((row) => row.id !== null);
      if (rows.length > pairsMax)
        throw new DependencyUnavailable(name, new Error(`more than ${pairsMax} ids to list`));
      return new Map(rows.map((row) => [text(row, 'id'), text(row, 'stamp')]));
    },
  };
}

function digestsIn(rows: readonly Row[]): readonly Digest[] {
  const digests = Array.from({ length: partsCount }, () => ({ count: 0, sum: 0 }));
  for (const row of rows) {
    if (row.part === null) continue;
    digests[integer(row, 'part')] = { count: integer(row, 'count'), sum: integer(row, 'sum') };
  }
  return digests;
}
