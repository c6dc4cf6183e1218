import { makeMemoryClusterControl } from '../../../functions/adapters/memory/cluster-control.ts';
import { commitTo, makeMemoryCluster, replicate } from '../../../functions/adapters/memory/memory-cluster.ts';
import { makeMemoryOutbox } from '../../../functions/adapters/memory/outbox.ts';
import type { ControlSubject } from '../contract/control-subject.ts';
import { makeHandClock } from '../wall-clock.ts';

export async function makeMemoryControlSubject(): Promise<ControlSubject> {
  const clock = makeHandClock();
  const cluster = makeMemoryCluster({ name: 'c0', clock, leaseMs: 60_000, replicas: ['b-0'] });
  const clusters = { c0: cluster };
  const commit = <T>(transaction: Parameters<typeof commitTo<T>>[1]): T => commitTo(cluster, transaction);
  return {
    outbox: makeMemoryOutbox({ clusters }),
    control: makeMemoryClusterControl({ clusters }),
    databaseCluster: 'c0',
    replica: 'b-0',
    clock,
    async open(epoch) {
      commit(({ control }) => {
        control.epoch = epoch;
      });
    },
    async setLease(lengthMs) {
      commit(({ control }, nowMs) => {
        control.leaseEndsMs = nowMs + lengthMs;
      });
    },
    async commit(event, sinks) {
      return commit(({ outbox, control }, nowMs) => {
        const sequence = ++control.lastSequence;
        outbox.set(sequence, { sequence, event, pending: sinks, committedAtMs: nowMs });
        return sequence;
      });
    },
    async pass(ms) {
      clock.advance(ms);
    },
    async holdReplica() {},
    async releaseReplica() {
      replicate(cluster, 'b-0');
    },
    async end() {},
  };
}
