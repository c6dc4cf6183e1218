/** What must be so before writers return on purpose: nothing is on its way, and the copies equal the writers. */
import { makeMysqlSlotDigests } from '../../functions/adapters/mysql/slot-digests.ts';
import { unequalSlots } from '../../functions/core/failover/equality.ts';
import { deadlineAfter } from '../../functions/core/kernel/clock.ts';
import { waitUntilDrained } from '../../functions/core/propagation/drained.ts';
import type { CentreName } from '../../functions/core/propagation/event.ts';
import { serversIn } from '../../functions/runtime/composition/promotion.ts';
import type { operatorParts } from '../operator.ts';

const proofMs = 240_000;
const nameMax = 10;

/** @returns why not; empty when it is proven */
export async function faultsOfReturn(
  parts: ReturnType<typeof operatorParts>,
  to: CentreName,
  waitMs: number,
  say: (line: string) => void,
): Promise<readonly string[]> {
  const { sharding, stores, clock, clusters, settings, replicaNames } = parts;
  say('  waiting until every sink has every change');
  const ports = {
    databaseClusters: sharding.clusters,
    control: stores.control,
    outbox: stores.outbox,
    clock,
  };
  const undrained = await waitUntilDrained(ports, waitMs);
  if (undrained.length > 0)
    return [`changes of ${undrained.join(', ')} have not reached every sink (--wait gives them longer)`];

  const writer = makeMysqlSlotDigests({ name: 'writer', clusters, sharding });
  // Where a centre's copies have one endpoint, that is the copy.
  const named = settings.GLOBAL_CLUSTERS ? [null] : replicaNames[to];
  const faults: string[] = [];
  for (const name of named) {
    const copies = serversIn(parts, to, Object.fromEntries(sharding.clusters.map((one) => [one, name])));
    const copy = makeMysqlSlotDigests({ name: name ?? `the copies in ${to}`, clusters: copies, sharding });
    say(`  comparing every slot of ${copy.name} with the writers`);
    const slots = await unequalSlots(writer, copy, clock, deadlineAfter(clock, proofMs));
    if (slots.length === 0) continue;
    const some = `${slots.slice(0, nameMax).join(', ')}${slots.length > nameMax ? ', ...' : ''}`;
    faults.push(`${copy.name} differs from the writers in ${slots.length} slots (${some})`);
  }
  return faults;
}
