/** Watching the engines' state from outside: commits become the truth; every other change becomes a line of the story. */

import type { MemoryCluster } from '../../functions/adapters/memory/memory-cluster.ts';
import { readEntry } from '../../functions/core/cache/entry.ts';
import type { MemberEvent } from '../../functions/core/propagation/event.ts';
import type { Engines } from './engines.ts';
import { say, type Trace } from './trace.ts';

/** Calls `changed` after each `set` and each `delete` that found something. */
export function watch<K, V>(
  map: Map<K, V>,
  changed: (key: K, value: V | undefined, before: V | undefined) => void,
): void {
  const set = map.set.bind(map);
  const remove = map.delete.bind(map);
  map.set = (key, value) => {
    const before = map.get(key);
    set(key, value);
    changed(key, value, before);
    return map;
  };
  map.delete = (key) => {
    const before = map.get(key);
    const found = remove(key);
    if (found) changed(key, undefined, before);
    return found;
  };
}

export function observeCommits(
  engines: Engines,
  committed: (databaseCluster: string, event: MemberEvent) => void,
): void {
  for (const [name, { writer }] of Object.entries(engines.first)) {
    watch(writer.outbox, (_, row, before) => {
      if (row && !before) committed(name, row.event);
    });
  }
  // What a promotion carries out again of the first epoch has been seen.
  engines.onElection((name) => {
    const cluster = engines.second[name];
    if (!cluster) return;
    watch(cluster.writer.outbox, (_, row, before) => {
      if (row && !before && row.event.epoch > 1) committed(name, row.event);
    });
  });
}

/** What comes to B's journal, and what goes from it. */
export function observeJournal(
  engines: Engines,
  changed: (came: MemberEvent | null, went: MemberEvent | null) => void,
): void {
  watch(engines.journals.B.entries, (_, entry, before) => {
    if (entry && !before) changed(entry.event, null);
    if (!entry && before) changed(null, before.event);
  });
}

export function tell(engines: Engines, trace: Trace): void {
  const tellOf = (name: string, { writer }: MemoryCluster): void => {
    watch(writer.directory, (key, row) =>
      trace.note(
        `  = ${name} directory: ${key} ${row?.state} ${row?.memberId} ${row?.token} at ${say(row?.version ?? 0)}`,
      ),
    );
    watch(writer.token, (token, decided, before) => {
      if (decided?.outcome !== before?.outcome)
        trace.note(`  = ${name} token ${token} ${decided?.outcome ?? 'is trimmed'}`);
    });
    watch(writer.outbox, (_, row, before) => {
      if (row && !before)
        trace.note(
          `  = ${name} COMMIT #${row.sequence} ${say(row.event)} ${say(JSON.parse(row.event.member.sealed))}`,
        );
      else if (row)
        trace.note(
          `  = ${name} outbox #${row.sequence} of ${row.event.memberId} at ${say(row.event.version)} still pending: ${row.pending.join(' ') || 'nothing'}`,
        );
      else if (before)
        trace.note(
          `  = ${name} outbox #${before.sequence} of ${before.event.memberId} at ${say(before.event.version)} goes`,
        );
    });
    watch(writer.redisGrant, (redis, row) => trace.note(`  = ${name} grant of ${redis}: ${say(row)}`));
  };
  for (const [name, cluster] of Object.entries(engines.first)) tellOf(name, cluster);
  engines.onElection((name) => {
    const cluster = engines.second[name];
    if (cluster) tellOf(`${name}-b`, cluster);
  });
  for (const [name, redis] of Object.entries(engines.redises)) {
    watch(redis.fences, (key, fence) =>
      trace.note(
        `  = ${name} fence ${key.slice(2)}: ${fence ? `of ${fence.fence.memberId} at ${say(fence.fence.version)}${fence.endsAtMs === null ? '' : ' with an end'}` : 'gone'}`,
      ),
    );
    watch(redis.values, (key, value) =>
      trace.note(`  = ${name} value ${key.slice(2)}: ${value ? say(readEntry(value.held)) : 'gone'}`),
    );
    watch(redis.leases, (key, lease) =>
      trace.note(`  = ${name} lease ${key.slice(2)}: ${lease?.held ?? 'gone'}`),
    );
    watch(redis.grantEndsMs, (cluster, endsAtMs) =>
      trace.note(
        `  = ${name} granted by ${cluster} for ${Math.round((endsAtMs ?? 0) - redis.clock.nowMs())} ms`,
      ),
    );
  }
  watch(engines.journals.B.entries, (_, entry, before) => {
    const { memberId, version } = (entry ?? before)?.event ?? {};
    trace.note(`  = journal of B: ${memberId} at ${say(version)} ${entry ? 'is there' : 'goes'}`);
  });
  for (const [name, { members, identifiers }] of Object.entries(engines.search)) {
    watch(members, (memberId, document) =>
      trace.note(`  = ${name} document ${memberId} at ${say(document?.version ?? 0)}`),
    );
    watch(identifiers, (key, document) => trace.note(`  = ${name} document ${key}: ${say(document)}`));
  }
}
