import { makeMemoryDigests } from '../../../functions/adapters/memory/digests.ts';
import { makeMemoryDirectory } from '../../../functions/adapters/memory/directory.ts';
import { makeMemoryHistory } from '../../../functions/adapters/memory/history-source.ts';
import {
  makeMemoryReplicaSource,
  makeMemoryWriterSource,
} from '../../../functions/adapters/memory/member-source.ts';
import { makeMemoryMemberStore } from '../../../functions/adapters/memory/member-store.ts';
import { makeMemoryMemberWalk } from '../../../functions/adapters/memory/member-walk.ts';
import { commitTo, makeMemoryCluster, replicate } from '../../../functions/adapters/memory/memory-cluster.ts';
import { makeMemoryRegistrations } from '../../../functions/adapters/memory/registrations.ts';
import { makeMemoryTokens } from '../../../functions/adapters/memory/tokens.ts';
import { makeMemoryTrimming } from '../../../functions/adapters/memory/trimming.ts';
import type { Turn } from '../../../functions/adapters/memory/turn.ts';
import type { DigestsSubject } from '../contract/digests.ts';
import type { HistorySubject } from '../contract/history-source.ts';
import type { MemberWalkSubject } from '../contract/member-walk.ts';
import { sharding, today } from '../contract/writer-subject.ts';
import { makeHandClock } from '../wall-clock.ts';

export async function makeMemoryWriterSubject(turn?: Turn) {
  const clock = makeHandClock();
  const cluster = (name: string) => makeMemoryCluster({ name, clock, replicas: ['b-0'] });
  const clusters = { c0: cluster('c0'), c1: cluster('c1') };
  const at = (databaseCluster: string) => clusters[databaseCluster as 'c0' | 'c1'];
  const options = { clusters, sharding, ...(turn && { turn }) };
  const databaseDay = () => today + 20;
  return {
    clock,
    clusters,
    members: makeMemoryMemberStore(options),
    walk: makeMemoryMemberWalk(options),
    digests: makeMemoryDigests(options),
    replicaDigests: makeMemoryDigests({ ...options, replica: 'b-0' }),
    registrations: makeMemoryRegistrations(options),
    directory: makeMemoryDirectory(options),
    tokens: makeMemoryTokens(options),
    trimming: makeMemoryTrimming({ ...options, dayOf: databaseDay }),
    databaseDay,
    writer: makeMemoryWriterSource({ name: 'writer', ...options }),
    writerHistory: makeMemoryHistory(options),
    replicaHistory: makeMemoryHistory({ ...options, replica: 'b-0' }),
    replicaName: 'b-0',
    replica: makeMemoryReplicaSource({ name: 'replica', ...options, choose: (_, [first = '']) => first }),
    async setLease(databaseCluster, remainingMs) {
      commitTo(at(databaseCluster), ({ control }, nowMs) => {
        control.leaseEndsMs = nowMs + remainingMs;
      });
    },
    async setEpoch(databaseCluster, epoch) {
      commitTo(at(databaseCluster), ({ control }) => {
        control.epoch = { ...control.epoch, epoch };
      });
    },
    async setOldestTokenDay(databaseCluster, day) {
      commitTo(at(databaseCluster), ({ control }) => {
        control.oldestTokenDay = day;
      });
    },
    async moveSlot(slot) {
      commitTo(at(sharding.clusterOfSlot(slot)), ({ movedSlot }) => movedSlot.add(slot));
    },
    async suspend(databaseCluster, redis, grantEndsInMs) {
      commitTo(at(databaseCluster), ({ redisGrant }, nowMs) => {
        redisGrant.set(redis, { grantEndsMs: nowMs + grantEndsInMs, suspended: true, reliedCount: 0 });
      });
    },
    async expireClaim(key) {
      commitTo(at(sharding.clusterOf(key)), ({ directory }, nowMs) => {
        const row = directory.get(key);
        if (row) directory.set(key, { ...row, claimEndsMs: nowMs - 1 });
      });
    },
    async ageRequest(memberId: string, ms: number, version?: number) {
      commitTo(at(sharding.clusterOf(memberId)), ({ idempotency }) => {
        for (const [name, record] of idempotency) {
          const { receipt, committedAtMs } = record;
          if (receipt.memberId !== memberId || receipt.version !== (version ?? receipt.version)) continue;
          idempotency.set(name, { ...record, committedAtMs: committedAtMs - ms });
        }
      });
    },
    async ageRegistration(caller, key, ms) {
      const name = `${caller}\u0000${key}`;
      commitTo(at(sharding.clusterOf(name)), ({ registration }) => {
        const record = registration.get(name);
        if (record) registration.set(name, { ...record, begunAtMs: record.begunAtMs - ms });
      });
    },
    async decided(memberId, tokens) {
      const { token } = at(sharding.clusterOf(memberId)).writer;
      return tokens.filter((one) => token.has(one)).length;
    },
    async tracesOf(memberId) {
      const { outbox, history, idempotency } = at(sharding.clusterOf(memberId)).writer;
      const rows = [...outbox.values()].filter(({ event }) => event.memberId === memberId);
      const records = [...idempotency.values()].filter(({ receipt }) => receipt.memberId === memberId);
      return rows.length + (history.get(memberId)?.length ?? 0) + records.length;
    },
    async catchUp() {
      for (const each of Object.values(clusters)) replicate(each, 'b-0');
    },
    async end() {},
  } satisfies DigestsSubject & HistorySubject & MemberWalkSubject & Record<string, unknown>;
}
