/**
 * Which replicas of a centre are not read: those that do not answer, and those that are further behind than the best of
 * them by more than the bound. Compared with one another, since without a writer nobody's heart beats: then all of them
 * are as good as before.
 *
 * Reading alone goes by it. Changes still wait until every replica shows them: whoever reads a replica again must miss
 * nothing. One that is gone for good is taken out of use by an operator.
 */
import { type Clock, type Deadline, within } from '../kernel/clock.ts';
import { orNull } from '../kernel/invariant.ts';
import { replicaLagMaxMs } from './durations.ts';
import type { ClusterControl } from './ports.ts';

export interface ReplicaWatchPorts {
  readonly databaseClusters: readonly string[];
  readonly control: Pick<ClusterControl, 'lagMs'>;
  /** The same names in every database cluster. */
  readonly replicas: readonly string[];
  readonly clock: Clock;
}

const askMs = 500;

export function makeReplicaWatch(
  ports: ReplicaWatchPorts,
): (deadline: Deadline) => Promise<readonly string[]> {
  const { databaseClusters, control, replicas, clock } = ports;
  return async (deadline) => {
    const share = within(clock, deadline, askMs);
    const out = new Set<string>();
    await Promise.all(
      databaseClusters.map(async (cluster) => {
        const lags = await Promise.all(replicas.map((name) => orNull(control.lagMs(cluster, name, share))));
        const best = Math.min(...lags.map((lag) => lag ?? Number.POSITIVE_INFINITY));
        for (const [index, name] of replicas.entries()) {
          const lag = lags[index] ?? null;
          if (lag === null || lag > best + replicaLagMaxMs) out.add(name);
        }
      }),
    );
    return replicas.filter((name) => out.has(name));
  };
}
