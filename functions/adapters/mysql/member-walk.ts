import type { MemberWalk } from '../../core/member/ports.ts';
import { type Sharding, schemaOfSlot } from '../../core/sharding/sharding.ts';
import { clusterOf } from './clusters.ts';
import type { DatabaseClusters } from './database.ts';
import { storedMemberOf } from './member-rows.ts';
import { readRows } from './plain-run.ts';
import { readMemberPage } from './statements/member-page.ts';

/** Walks the members of a slot in MySQL, at its writer. */
export function makeMysqlMemberWalk(options: {
  readonly clusters: DatabaseClusters;
  readonly sharding: Sharding;
}): MemberWalk {
  const { clusters, sharding } = options;
  return {
    async page(slot, afterMemberId, limit, deadline) {
      const databaseCluster = sharding.clusterOfSlot(slot);
      const at = { databaseCluster, slot, schema: schemaOfSlot(slot) };
      const { writer } = clusterOf(clusters, databaseCluster);
      const rows = await readRows(writer, readMemberPage(at, afterMemberId, limit), deadline);
      if (rows.length === 0) return { kind: 'not-the-writer' };
      return { kind: 'page', members: rows.map(storedMemberOf).filter((member) => member !== null) };
    },
  };
}
