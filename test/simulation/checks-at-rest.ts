/** The invariants that must hold once faults have ended and everything has drained: I6, and I1 once more over all rows. */
import { readEntry } from '../../functions/core/cache/entry.ts';
import { holds } from '../../functions/core/member/member.ts';
import type { Sealer } from '../../functions/core/member/ports.ts';
import { broken, type Violation } from './checks.ts';
import { cacheNames, type Engines, sharding } from './engines.ts';
import type { Truth } from './truth.ts';

/** I1, over all rows at the writers. */
export function noIdentifierTwice(engines: Engines, sealer: Sealer): Violation | null {
  const owners = new Map<string, string>();
  for (const { writer } of Object.values(engines.clusters)) {
    for (const stored of writer.member.values()) {
      for (const { key } of sealer.open(stored).holdings) {
        const owner = owners.get(key);
        if (owner !== undefined)
          return broken('I1', 'noIdentifierTwice', `${owner} and ${stored.memberId} hold ${key}`, [
            key,
            owner,
            stored.memberId,
          ]);
        owners.set(key, stored.memberId);
      }
    }
  }
  return null;
}

/** The rows are what was committed: nothing else ever wrote one. */
export function rowsAreTheCommits(engines: Engines, truth: Truth): Violation | null {
  for (const [memberId, { member, databaseCluster }] of truth.members) {
    const version = engines.clusters[databaseCluster]?.writer.member.get(memberId)?.version;
    if (version !== member.version)
      return broken(
        'I5',
        'rowsAreTheCommits',
        `${memberId} was committed at ${member.version}, the row is at ${version}`,
        [memberId],
      );
  }
  return null;
}

/** Everything has drained: no outbox row, no journal entry, no fence without an end. */
export function everythingDrained(engines: Engines): Violation | null {
  for (const [name, { writer }] of Object.entries(engines.clusters)) {
    const [row] = writer.outbox.values();
    if (row)
      return broken(
        'I6',
        'everythingDrained',
        `the outbox of ${name} keeps ${row.event.memberId} at ${row.event.version}, pending ${row.pending.join(', ') || 'nothing'}`,
        [row.event.memberId],
      );
  }
  for (const [centre, { entries }] of Object.entries(engines.journals)) {
    const [entry] = entries.values();
    if (entry)
      return broken(
        'I6',
        'everythingDrained',
        `the journal of ${centre} keeps ${entry.event.memberId} at ${entry.event.version}`,
        [entry.event.memberId],
      );
  }
  for (const [name, { fences }] of Object.entries(engines.redises)) {
    const open = [...fences.values()].find(({ endsAtMs }) => endsAtMs === null);
    if (open)
      return broken(
        'I6',
        'everythingDrained',
        `${name} keeps a fence of ${open.fence.memberId} at ${open.fence.version}`,
        [open.fence.memberId, open.fence.key.slice(2)],
      );
  }
  return null;
}

/** Every Redis is ready, and has the grants of all database clusters; none is suspended. */
export function cachesServe(engines: Engines): Violation | null {
  for (const name of [...cacheNames.A, ...cacheNames.B]) {
    const redis = engines.redises[name];
    if (redis?.readySince == null) return broken('I6', 'cachesServe', `${name} is not ready`, [name]);
    for (const [cluster, { writer }] of Object.entries(engines.clusters)) {
      if (writer.redisGrant.get(name)?.suspended)
        return broken('I6', 'cachesServe', `${name} is suspended for ${cluster}`, [name]);
      const endsAtMs = redis.grants.get(cluster)?.endsAtMs ?? 0;
      if (endsAtMs <= redis.clock.nowMs())
        return broken('I6', 'cachesServe', `${name} has no grant of ${cluster}`, [name]);
    }
  }
  return null;
}

/** Every cached value is what the database says. */
export function cacheEqualsDatabase(engines: Engines, truth: Truth): Violation | null {
  for (const [name, redis] of Object.entries(engines.redises)) {
    for (const [key, { held, endsAtMs }] of redis.values) {
      if (endsAtMs <= redis.clock.nowMs()) continue;
      const member = readEntry(held)?.member ?? null;
      const state = truth.timeline(key).states.at(-1);
      const isSame =
        state?.memberId === (member?.memberId ?? null) &&
        (member === null || member.version === state?.version);
      if (!isSame)
        return broken(
          'I6',
          'cacheEqualsDatabase',
          `${name} has ${member?.memberId ?? 'nobody'} at ${member?.version} for ${key}; it is ${state?.memberId ?? 'nobody'} at ${state?.version}`,
          [key.slice(2), member?.memberId ?? name],
        );
    }
  }
  return null;
}

/** Every search cluster says of every member and identifier what the database says. */
export function searchEqualsDatabase(engines: Engines, truth: Truth): Violation | null {
  for (const [name, { members, identifiers }] of Object.entries(engines.search)) {
    for (const [memberId, { event }] of truth.members) {
      if (members.get(memberId)?.sealed !== event.member.sealed) {
        return broken(
          'I6',
          'searchEqualsDatabase',
          `${name} has ${memberId} at ${members.get(memberId)?.version}; it is at ${event.version}`,
          [memberId, name],
        );
      }
    }
    for (const [key, document] of identifiers) {
      const owner = truth.owners.get(key) ?? null;
      const named = document.state === 'bound' ? document : null;
      // As its row has it, of a binding that is lost: see directorySettled.
      const row = engines.clusters[sharding.clusterOf(key)]?.writer.directory.get(key);
      if (named && truth.isLostToken(named.token) && row?.token === named.token) continue;
      const member = named && truth.members.get(named.memberId)?.member;
      const agrees = named
        ? member !== undefined && member !== null && holds(member, key, named.token)
        : owner === null;
      if (!agrees)
        return broken(
          'I6',
          'searchEqualsDatabase',
          `${name} says ${key} is ${document.state}; its owner is ${owner}`,
          [key, name],
        );
    }
    for (const key of truth.owners.keys()) {
      if (identifiers.get(key)?.state !== 'bound')
        return broken('I6', 'searchEqualsDatabase', `${name} does not know ${key}`, [key, name]);
    }
  }
  return null;
}

/** Every identifier that a member holds is bound to it in the directory, by its token; no other row is bound. */
export function directorySettled(engines: Engines, truth: Truth): Violation | null {
  for (const { member } of truth.members.values()) {
    for (const { key, token } of member.holdings) {
      const row = engines.clusters[sharding.clusterOf(key)]?.writer.directory.get(key);
      if (row?.state !== 'bound' || row.token !== token) {
        return broken(
          'I6',
          'directorySettled',
          `${member.memberId} holds ${key} with ${token}; the row is ${row?.state} with ${row?.token}`,
          [key, member.memberId],
        );
      }
    }
  }
  for (const { writer } of Object.values(engines.clusters)) {
    for (const { key, state, memberId, token } of writer.directory.values()) {
      if (state !== 'bound' || holds(truth.members.get(memberId)?.member ?? null, key, token)) continue;
      // A binding that a promotion lost, and whose row another database cluster had already: free for whoever asks.
      if (truth.isLostToken(token)) continue;
      return broken(
        'I6',
        'directorySettled',
        `the row of ${key} is bound to ${memberId}, which does not hold it with ${token}`,
        [key, memberId],
      );
    }
  }
  return null;
}
