/** Waiting until every sink has, and every source shows, what was committed until now. */
import type { ClusterControl } from '../failover/ports.ts';
import { type Clock, deadlineAfter, remainingMs } from '../kernel/clock.ts';
import { orNull } from '../kernel/invariant.ts';
import type { Outbox } from './ports.ts';

export interface DrainedPorts {
  readonly databaseClusters: readonly string[];
  readonly control: Pick<ClusterControl, 'lastSequence'>;
  readonly outbox: Pick<Outbox, 'due'>;
  readonly clock: Clock;
}

const pollMs = 1_000;
const askMs = 5_000;

/** @returns the database clusters whose outbox still held such a change, or did not answer, after `waitMs` */
export async function waitUntilDrained(ports: DrainedPorts, waitMs: number): Promise<readonly string[]> {
  const { databaseClusters, control, outbox, clock } = ports;
  const until = deadlineAfter(clock, waitMs);
  const isDrained = async (cluster: string): Promise<boolean> => {
    const last = await orNull(control.lastSequence(cluster, deadlineAfter(clock, askMs)));
    if (last === null) return false;
    for (;;) {
      // Rows leave when they are completed: the oldest one tells.
      const oldest = await orNull(outbox.due(cluster, 0, 0, 1, deadlineAfter(clock, askMs)));
      if (oldest !== null && (oldest[0]?.sequence ?? Number.POSITIVE_INFINITY) > last) return true;
      if (remainingMs(clock, until) < pollMs) return false;
      await clock.sleep(pollMs);
    }
  };
  const drained = await Promise.all(databaseClusters.map(isDrained));
  return databaseClusters.filter((_, index) => !drained[index]);
}
