import type { ClusterControl, RegisteredEpoch } from '../../../functions/core/failover/ports.ts';
import type { Clock } from '../../../functions/core/kernel/clock.ts';
import type { MemberEvent, SinkName } from '../../../functions/core/propagation/event.ts';
import type { Outbox } from '../../../functions/core/propagation/ports.ts';

/** A database cluster with one replica, at epoch 1 of centre A with a lease to write of a minute. */
export interface ControlSubject {
  readonly outbox: Outbox;
  readonly control: ClusterControl;
  readonly databaseCluster: string;
  readonly replica: string;
  readonly clock: Clock;
  /** Puts another epoch into the cluster, as a promotion does. */
  open(epoch: RegisteredEpoch): Promise<void>;
  /** Lets the lease to write end `lengthMs` from now. */
  setLease(lengthMs: number): Promise<void>;
  /** Commits an outbox row. @returns its sequence */
  commit(event: MemberEvent, sinks: readonly SinkName[]): Promise<number>;
  /** Everything that is recorded lies `ms` longer ago, or ends `ms` earlier. */
  pass(ms: number): Promise<void>;
  /** From now on the replica shows nothing new. */
  holdReplica(): Promise<void>;
  /** The replica shows everything there is. */
  releaseReplica(): Promise<void>;
  end(): Promise<void>;
}
