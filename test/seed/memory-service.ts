/** The service's stores in memory, and processes on them that can be crashed at any step. */
import { makeMemoryClusterControl } from '../../functions/adapters/memory/cluster-control.ts';
import { makeMemoryDirectory } from '../../functions/adapters/memory/directory.ts';
import { makeMemoryJournalAdapter } from '../../functions/adapters/memory/journal.ts';
import { makeMemoryMemberStore } from '../../functions/adapters/memory/member-store.ts';
import { makeMemoryCacheCluster } from '../../functions/adapters/memory/memory-cache-cluster.ts';
import { makeMemoryCluster } from '../../functions/adapters/memory/memory-cluster.ts';
import { makeMemoryJournal } from '../../functions/adapters/memory/memory-journal.ts';
import { makeMemoryRedis } from '../../functions/adapters/memory/memory-redis.ts';
import { makeMemoryOutbox } from '../../functions/adapters/memory/outbox.ts';
import { makeMemoryRegistrations } from '../../functions/adapters/memory/registrations.ts';
import {
  makeMemorySearchCluster,
  makeMemorySearchState,
} from '../../functions/adapters/memory/search-cluster.ts';
import { makeMemorySyncQueue } from '../../functions/adapters/memory/sync-queue.ts';
import { makeMemoryTokens } from '../../functions/adapters/memory/tokens.ts';
import type { CentreState } from '../../functions/core/failover/centre-state.ts';
import type { Identifier } from '../../functions/core/member/identifiers.ts';
import { type ImportEntry, makeMemberImporter } from '../../functions/core/member/importer.ts';
import { makeMemberWriter } from '../../functions/core/member/writer.ts';
import type { Sinks } from '../../functions/core/propagation/propagate.ts';
import { makeSharding } from '../../functions/core/sharding/sharding.ts';
import { makeHandClock } from '../adapters/wall-clock.ts';
import { makeSteps, type Steps } from '../protocol/steps.ts';
import { topology } from '../runtime/fake-parts.ts';
import { identifierHasherOf, makeCheapSealer, slotHasher } from '../simulation/cheap-crypto.ts';

const hasher = identifierHasherOf('seed', 'one');

export type MemoryService = ReturnType<typeof makeMemoryService>;

export function makeMemoryService() {
  const clock = makeHandClock();
  const sharding = makeSharding(slotHasher, {
    version: 1,
    ranges: [
      { first: 0, last: 511, cluster: 'c0' },
      { first: 512, last: 1023, cluster: 'c1' },
    ],
    exceptions: {},
  });
  const clusters = {
    c0: makeMemoryCluster({ name: 'c0', clock }),
    c1: makeMemoryCluster({ name: 'c1', clock }),
  };
  const redises = { 'redis-a-0': makeMemoryRedis(clock), 'redis-b-0': makeMemoryRedis(clock) };
  const journal = makeMemoryJournal(clock, { epoch: 1, centre: 'A' });
  const search = { primary: makeMemorySearchState(1), backup: makeMemorySearchState(1) };
  const sealer = makeCheapSealer();
  let made = 0;
  const ids = {
    memberId: () => `member-${++made}`,
    token: () => `20260102.${String(++made).padStart(22, '0')}`,
  };

  const process = (steps: Steps = makeSteps()) => {
    const on = { clusters, sharding };
    const { through } = steps;
    const cache = (name: keyof typeof redises) => ({
      [name]: through(name, makeMemoryCacheCluster({ name, redis: redises[name], clock })),
    });
    const searchOf = (name: keyof typeof search, centre: 'A' | 'B') => ({
      cluster: through(`search:${name}`, makeMemorySearchCluster({ name, state: search[name] })),
      centre,
    });
    const journalOf = (name: string) => through(name, makeMemoryJournalAdapter({ name, state: journal }));
    const queue = (name: string) => makeMemorySyncQueue({ name, state: [] });
    const sinks: Sinks = {
      caches: { A: cache('redis-a-0'), B: cache('redis-b-0') },
      search: { primary: searchOf('primary', 'A'), backup: searchOf('backup', 'B') },
      journals: { A: journalOf('journal-a'), B: journalOf('journal-b') },
      queues: { A: queue('A'), B: queue('B') },
    };
    const centreState: CentreState = {
      current: async () => topology,
      saw: () => {},
      refresh: async () => {},
    };
    const ports = {
      members: through('members', makeMemoryMemberStore(on)),
      registrations: through('registrations', makeMemoryRegistrations(on)),
      directory: through('directory', makeMemoryDirectory(on)),
      tokens: through('tokens', makeMemoryTokens(on)),
      outbox: through('outbox', makeMemoryOutbox({ clusters })),
      control: through('control', makeMemoryClusterControl({ clusters })),
      ...{ sinks, centreState, sharding, hasher, sealer, ids, clock },
    };
    return { importer: makeMemberImporter(ports), writer: makeMemberWriter(ports), outbox: ports.outbox };
  };

  const tables = [clusters.c0.writer, clusters.c1.writer];
  return {
    clock,
    clusters,
    search,
    redises,
    journal,
    process,
    members: () => tables.flatMap(({ member }) => [...member.values()]).map((stored) => sealer.open(stored)),
    rows: () => tables.flatMap(({ directory }) => [...directory.values()]),
    outboxRows: () => tables.flatMap(({ outbox }) => [...outbox.values()]),
    histories: () => tables.flatMap(({ history }) => [...history.values()]),
  };
}

export const phone = (number: number): Identifier => ({ kind: 'phone', value: `+8613800${number}` });
export const account = (id: string | number): Identifier => ({
  kind: 'account',
  platform: 'tongcheng-app',
  value: `tc-${id}`,
});

export function entryOf(line: number, ...identifiers: readonly Identifier[]): ImportEntry {
  const request = { caller: 'seed', idempotencyKey: `run:${line}`, requestHash: `hash of ${line}` };
  return { input: { name: `Ada ${line}`, identifiers }, request };
}
