/**
 * Keeping the lease to write of a database cluster. A promise of the other centre's register or of the witness's
 * renews it: either suffices, so that the loss of any one place stops nobody. The lease counts from the database's
 * clock as it was *before* the asking, so that it ends before the promise does, however long the asking took.
 *
 * A database whose epoch is another centre's is left alone: it was closed, or has become a copy. A register that still
 * holds an older epoch (its centre was away when this one began) is raised.
 */
import { type Clock, type Deadline, within } from '../kernel/clock.ts';
import { DependencyUnavailable } from '../kernel/invariant.ts';
import type { CentreName } from '../propagation/event.ts';
import { writeLeaseMs } from './durations.ts';
import type { ClusterControl, EpochRegister, RegisteredEpoch } from './ports.ts';

export interface LeaseKeeperPorts {
  readonly centre: CentreName;
  readonly control: Pick<ClusterControl, 'epoch' | 'extendLease'>;
  readonly registers: readonly EpochRegister[];
  readonly clock: Clock;
}

const registerShareMs = 800;

/** @throws DependencyUnavailable when no register promised, or the database does not answer */
export function makeLeaseKeeper(
  ports: LeaseKeeperPorts,
): (databaseCluster: string, deadline: Deadline) => Promise<void> {
  const { centre, control, registers, clock } = ports;

  const promised = async (register: EpochRegister, epoch: RegisteredEpoch, deadline: Deadline) => {
    const answer = await register.renew(epoch, writeLeaseMs, deadline);
    if (answer === 'promised') return;
    if ((await register.raise(epoch, deadline)) === 'raised') {
      if ((await register.renew(epoch, writeLeaseMs, deadline)) === 'promised') return;
    }
    throw new DependencyUnavailable(register.name, new Error(`it holds a newer epoch than ${epoch.epoch}`));
  };

  return async (databaseCluster, deadline) => {
    const own = await control.epoch(databaseCluster, deadline);
    if (own.centre !== centre)
      throw new DependencyUnavailable(
        databaseCluster,
        new Error(`its epoch ${own.epoch} is of ${own.centre}`),
      );
    if (own.leaseRemainingMs > writeLeaseMs * 0.75) return;
    const epoch = { epoch: own.epoch, centre: own.centre };
    const asked = registers.map((register) =>
      promised(register, epoch, within(clock, deadline, registerShareMs)),
    );
    try {
      await Promise.any(asked);
    } catch (error) {
      throw new DependencyUnavailable('epoch registers', error);
    }
    await control.extendLease(databaseCluster, epoch, own.readAt, writeLeaseMs, deadline);
  };
}
