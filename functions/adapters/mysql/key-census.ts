import { type Clock, deadlineAfter } from '../../core/kernel/clock.ts';
import type { KeyCensus } from '../../core/member/ports.ts';
import { type Sharding, schemaOfSlot, slotCount } from '../../core/sharding/sharding.ts';
import { clusterOf } from './clusters.ts';
import type { DatabaseClusters, Row } from './database.ts';
import { readRows } from './plain-run.ts';
import { integer, text } from './rows.ts';
import { countBoundVersions, countSealingKeys } from './statements/keys-in-use.ts';

/** The keys in use in MySQL, a slot a part, at the writers. */
export function makeMysqlKeyCensus(options: {
  readonly clusters: DatabaseClusters;
  readonly sharding: Sharding;
  readonly clock: Clock;
}): KeyCensus {
  const { clusters, sharding, clock } = options;
  return {
    name: 'MySQL',
    async *parts(partMs) {
      for (let slot = 0; slot < slotCount; slot++) {
        const { writer } = clusterOf(clusters, sharding.clusterOfSlot(slot));
        const schema = schemaOfSlot(slot);
        const deadline = deadlineAfter(clock, partMs);
        yield {
          sealedWith: countsIn(await readRows(writer, countSealingKeys(schema), deadline)),
          boundUnder: countsIn(await readRows(writer, countBoundVersions(schema), deadline)),
        };
      }
    },
  };
}

const countsIn = (rows: readonly Row[]): Readonly<Record<string, number>> =>
  Object.fromEntries(rows.map((row) => [text(row, 'name'), integer(row, 'count')]));
