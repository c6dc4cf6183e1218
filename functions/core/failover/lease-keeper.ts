/**
 * Keeping the lease to write of a database cluster. A promise of the other centre's register or of the witness's
 * renews it: either suffices, so that the loss of any one place stops nobody. The lease counts from the database's
 * clock as it was *before* the asking, so that it ends before the promise does, however long the asking took.
 */
import { type Clock, type Deadline, within } from '../kernel/clock.ts';
import { DependencyUnavailable } from '../kernel/invariant.ts';
import { writeLeaseMs } from './durations.ts';
import type { ClusterControl, EpochRegister } from './ports.ts';

export interface LeaseKeeperPorts {
  readonly control: Pick<ClusterControl, 'epoch' | 'extendLease'>;
  readonly registers: readonly EpochRegister[];
  readonly clock: Clock;
}

const registerShareMs = 800;

/** @throws DependencyUnavailable when no register promised, or the database does not answer */
export function makeLeaseKeeper(
  ports: LeaseKeeperPorts,
): (databaseCluster: string, deadline: Deadline) => Promise<void> {
  const { control, registers, clock } = ports;

  return async (databaseCluster, deadline) => {
    const own = await control.epoch(databaseCluster, deadline);
    if (own.leaseRemainingMs > writeLeaseMs * 0.75) return;
    const epoch = { epoch: own.epoch, centre: own.centre };
    const asked = registers.map(async (register) => {
      const answer = await register.renew(epoch, writeLeaseMs, within(clock, deadline, registerShareMs));
      if (answer !== 'promised')
        throw new DependencyUnavailable(register.name, new Error(`it holds a newer epoch than ${own.epoch}`));
    });
    try {
      await Promise.any(asked);
    } catch (error) {
      throw new DependencyUnavailable('epoch registers', error);
    }
    await control.extendLease(databaseCluster, epoch, own.readAt, writeLeaseMs, deadline);
  };
}
