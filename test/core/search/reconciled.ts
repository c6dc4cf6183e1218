/** A database and a search cluster in memory, to compare and mend. */
import { makeMemoryDigests } from '../../../functions/adapters/memory/digests.ts';
import { makeMemoryWriterSource } from '../../../functions/adapters/memory/member-source.ts';
import { type MemoryTables, makeMemoryCluster } from '../../../functions/adapters/memory/memory-cluster.ts';
import { makeMemoryOutbox } from '../../../functions/adapters/memory/outbox.ts';
import { makeMemorySearchState } from '../../../functions/adapters/memory/search-cluster.ts';
import { makeMemorySearchUpkeep } from '../../../functions/adapters/memory/search-upkeep.ts';
import type { Turn } from '../../../functions/adapters/memory/turn.ts';
import type { StoredMember } from '../../../functions/core/member/member.ts';
import { makeReconcile } from '../../../functions/core/search/reconcile.ts';
import { sharding as hashing } from '../../adapters/contract/writer-subject.ts';
import { sampleEvent } from '../../adapters/sample-events.ts';
import { makeHandClock } from '../../adapters/wall-clock.ts';

export const allSlots = Array.from({ length: 1024 }, (_, slot) => slot);

/** Hashing is remembered: a pass asks for the same slots a thousand times. */
const slots = new Map<string, number>();
const slotOf = (text: string): number => {
  const slot = slots.get(text) ?? hashing.slotOf(text);
  slots.set(text, slot);
  return slot;
};
const sharding = { ...hashing, slotOf, clusterOf: (text: string) => hashing.clusterOfSlot(slotOf(text)) };

export function makeReconciled() {
  const clock = makeHandClock();
  const clusters = {
    c0: makeMemoryCluster({ name: 'c0', clock }),
    c1: makeMemoryCluster({ name: 'c1', clock }),
  };
  const state = makeMemorySearchState(1);
  const touches: (readonly [string, number])[] = [];
  let onTurn: Turn = async () => {};
  const cluster = makeMemorySearchUpkeep({
    name: 'search:backup',
    state,
    slotOf: sharding.slotOf,
    turn: (moment, part) => onTurn(moment, part),
  });
  const tablesOf = (id: string): MemoryTables => clusters[sharding.clusterOf(id) as 'c0' | 'c1'].writer;
  const memberAt = (memberId: string, version: number): StoredMember => ({
    memberId,
    version,
    status: 'active',
    sealed: `sealed ${memberId} at ${version}`,
  });
  const reconcile = makeReconcile({
    database: makeMemoryDigests({ clusters, sharding }),
    writer: makeMemoryWriterSource({ name: 'writer', clusters, sharding }),
    outbox: makeMemoryOutbox({ clusters }),
    sharding,
    async touch(memberId, above) {
      touches.push([memberId, above]);
      return true;
    },
  });
  return {
    clock,
    state,
    cluster,
    reconcile,
    touches,
    soon: () => ({ atMonotonicMs: clock.monotonicMs() + 60_000 }),
    setTurn: (turn: Turn): void => {
      onTurn = turn;
    },
    /** A member in the database, with the key it holds. */
    row(memberId: string, version: number, key?: string): void {
      tablesOf(memberId).member.set(memberId, memberAt(memberId, version));
      if (key !== undefined) this.bound(key, memberId, version);
    },
    bound(key: string, memberId: string, version: number, to: 'bound' | 'free' | 'claimed' = 'bound'): void {
      const token = `t-${memberId}`;
      tablesOf(key).directory.set(key, { key, state: to, token, memberId, version, claimEndsMs: 0 });
    },
    /** Their documents. */
    document(memberId: string, version: number, key?: string): void {
      state.members.set(memberId, { format: 1, ...memberAt(memberId, version) });
      if (key === undefined) return;
      const token = `t-${memberId}`;
      state.identifiers.set(key, { format: 1, state: 'bound', memberId, token, version });
    },
    /** The change is on its way still. */
    onItsWay(memberId: string, version: number): void {
      const event = sampleEvent({ memberId, version });
      const { outbox, control } = tablesOf(memberId);
      outbox.set(++control.lastSequence, {
        sequence: control.lastSequence,
        event,
        pending: [],
        committedAtMs: 0,
      });
    },
    memberAt,
  };
}
