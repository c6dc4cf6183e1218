import { dayOfToken } from '../../core/kernel/ids.ts';
import { invariant } from '../../core/kernel/invariant.ts';
import type { Commit, CommitManyOutcome, CommitOutcome, MemberStore } from '../../core/member/ports.ts';
import type { IdempotencyRecord } from '../../core/propagation/event.ts';
import type { Sharding } from '../../core/sharding/sharding.ts';
import type { MemoryClusters } from './cluster-lookup.ts';
import { commitTo, type MemoryTables, unfencedBefore } from './memory-cluster.ts';
import { noTurn, type Turn, taking } from './turn.ts';
import { isWriter, memoryPlaceOf } from './writer-check.ts';

/** Members in memory: same outcomes as in MySQL. */
export function makeMemoryMemberStore(options: {
  readonly clusters: MemoryClusters;
  readonly sharding: Sharding;
  readonly turn?: Turn;
}): MemberStore {
  const { clusters, sharding, turn = noTurn } = options;
  return {
    read(memberId, idempotency) {
      const { slot, cluster } = memoryPlaceOf(clusters, sharding, memberId);
      return taking(turn, cluster.name, () => {
        const { writer, clock } = cluster;
        if (!isWriter(writer, clock.nowMs(), [slot])) return { kind: 'not-the-writer' };
        const stored = writer.member.get(memberId) ?? null;
        const repeat =
          idempotency && writer.idempotency.get(recordKey(idempotency.caller, idempotency.key, memberId));
        return {
          kind: 'member',
          stored,
          repeat: repeat ? recordOf(repeat) : null,
          epoch: writer.control.epoch.epoch,
        };
      });
    },

    async commit(commit) {
      const { slot, cluster } = memoryPlaceOf(clusters, sharding, commit.event.memberId);
      await turn('before', cluster.name);
      const outcome = commitTo(cluster, (tables, nowMs): CommitOutcome => {
        const refused = refusalOf(tables, nowMs, slot, commit);
        if (refused) return refused;
        const sequence = write(tables, nowMs, slot, commit);
        return {
          kind: 'committed',
          databaseCluster: cluster.name,
          sequence,
          olderUnfenced: 0,
          suspended: [],
        };
      });
      if (outcome.kind !== 'committed') {
        await turn('after', cluster.name);
        return outcome;
      }
      await turn('between', cluster.name);
      const nowMs = cluster.clock.nowMs();
      const stands = isWriter(cluster.writer, nowMs, [], commit.event.epoch);
      const suspended = suspensionsOf(cluster.writer, nowMs);
      const olderUnfenced = unfencedBefore(cluster.writer, commit.event).length;
      await turn('after', cluster.name);
      return stands ? { ...outcome, olderUnfenced, suspended } : { kind: 'lease-ended' };
    },

    async commitMany(commits) {
      const places = commits.map(({ event }) => memoryPlaceOf(clusters, sharding, event.memberId));
      const [first] = places;
      const epoch = commits[0]?.event.epoch;
      invariant(first && epoch !== undefined, 'at least one commit');
      const { cluster } = first;
      invariant(
        places.every((place) => place.cluster === cluster),
        'commits of one database cluster',
      );
      await turn('before', cluster.name);
      const slots = places.map(({ slot }) => slot);
      const outcome = commitTo(cluster, (tables, nowMs): CommitManyOutcome => {
        if (!isWriter(tables, nowMs, [], epoch)) return { kind: 'not-the-writer' };
        if (!isWriter(tables, nowMs, slots, epoch)) return { kind: 'refused' };
        const isRefused = commits.some((commit, index) =>
          refusalOf(tables, nowMs, slots[index] ?? -1, { ...commit, expectedVersion: null }),
        );
        if (isRefused) return { kind: 'refused' };
        const sequences = commits.map((commit, index) => write(tables, nowMs, slots[index] ?? -1, commit));
        return { kind: 'committed', databaseCluster: cluster.name, sequences, suspended: [] };
      });
      if (outcome.kind !== 'committed') {
        await turn('after', cluster.name);
        return outcome;
      }
      await turn('between', cluster.name);
      const nowMs = cluster.clock.nowMs();
      const stands = isWriter(cluster.writer, nowMs, [], epoch);
      const suspended = suspensionsOf(cluster.writer, nowMs);
      await turn('after', cluster.name);
      return stands ? { ...outcome, suspended } : { kind: 'lease-ended' };
    },
  };
}

export const recordKey = (caller: string, key: string, memberId: string): string =>
  `${caller}\u0000${key}\u0000${memberId}`;

const recordOf = ({ caller, key, requestHash, receipt }: IdempotencyRecord): IdempotencyRecord => ({
  caller,
  key,
  requestHash,
  receipt,
});

function refusalOf(
  tables: MemoryTables,
  nowMs: number,
  slot: number,
  { event, tokens, expectedVersion }: Commit,
): Exclude<CommitOutcome, { kind: 'committed' | 'lease-ended' }> | null {
  if (!isWriter(tables, nowMs, [slot], event.epoch)) return { kind: 'not-the-writer' };
  const { caller, key } = event.idempotency;
  if (tables.idempotency.has(recordKey(caller, key, event.memberId))) return { kind: 'repeated' };
  if (tokens.some((token) => tables.token.has(token) || dayOfToken(token) < tables.control.oldestTokenDay)) {
    return { kind: 'token-void' };
  }
  const version = tables.member.get(event.memberId)?.version ?? null;
  return version === expectedVersion ? null : { kind: 'version-changed' };
}

/** @returns the number of the outbox row */
function write(tables: MemoryTables, nowMs: number, slot: number, { event, tokens, sinks }: Commit): number {
  const { memberId, version, idempotency, history } = event;
  for (const token of tokens) tables.token.set(token, { outcome: 'used', slot });
  tables.member.set(memberId, event.member);
  tables.idempotency.set(recordKey(idempotency.caller, idempotency.key, memberId), {
    ...idempotency,
    committedAtMs: nowMs,
  });
  const entries = tables.history.get(memberId) ?? [];
  tables.history.set(memberId, [...entries, { version, entry: JSON.stringify(history) }]);
  tables.control.lastSequence += 1;
  const sequence = tables.control.lastSequence;
  tables.outbox.set(sequence, { sequence, event, pending: sinks, committedAtMs: nowMs });
  return sequence;
}

function suspensionsOf(tables: MemoryTables, nowMs: number) {
  return [...tables.redisGrant]
    .filter(([, grant]) => grant.suspended)
    .map(([redis, { grantEndsMs }]) => ({
      redis,
      grantEndsInMs: Math.max(0, Math.ceil(grantEndsMs - nowMs)),
    }))
    .sort((a, b) => (a.redis < b.redis ? -1 : 1));
}
