/**
 * What one Redis holds, in memory. It is a plain object apart from the adapters, so that it outlives a simulated
 * process and is shared by several, and a simulation can lose parts of it as a real one does.
 */
import type { Fence } from '../../core/cache/ports.ts';
import type { Clock } from '../../core/kernel/clock.ts';
import type { CacheKey } from '../../core/propagation/event.ts';
import type { Position, Windows } from '../../core/search/breaker.ts';

/** Something with a lifetime: it may also be evicted at any moment. */
export interface Volatile<T> {
  readonly held: T;
  readonly endsAtMs: number;
}

export interface MemoryFence {
  readonly fence: Fence;
  /** Grows with each fence put: the cursor of a walk over them. */
  readonly ordinal: number;
  readonly endsAtMs: number | null;
}

/** What a Redis held at some time. */
interface MemoryRedisCopy {
  readonly maps: readonly ReadonlyMap<string, unknown>[];
  readonly readySince: number | null;
  readonly nonce: string | null;
  readonly topology: string | null;
  readonly registry: MemoryRedis['registry'];
}

export interface MemoryRedis {
  /** Its own: grants end and lifetimes pass by `nowMs` of this clock, whatever the processes' clocks say. */
  readonly clock: Clock;
  readonly values: Map<CacheKey, Volatile<string>>;
  /** The holder's token. */
  readonly leases: Map<CacheKey, Volatile<string>>;
  /** By database cluster. */
  readonly grants: Map<string, Volatile<true>>;
  readonly fences: Map<CacheKey, MemoryFence>;
  /** When each database cluster's last grant ends, or ended. */
  readonly grantEndsMs: Map<string, number>;
  lastOrdinal: number;
  /** The epoch in which it was made ready. */
  readySince: number | null;
  nonce: string | null;
  /** What it held before each of the last things done to it that its replica may lack; null when it has no replica. */
  readonly unreplicated: MemoryRedisCopy[] | null;
  failovers: number;
  /** The topology that the state is made of, with the revoked keys. */
  topology: string | null;
  readonly revoked: Map<string, true>;
  /** By search cluster, as are the calls. */
  readonly breakers: Map<string, Position>;
  readonly calls: Map<string, Windows>;
  registry: { readonly text: string; readonly putAtMs: number } | null;
}

/** How many things a replica may be behind. */
const unreplicatedMax = 50;

export function makeMemoryRedis(clock: Clock, options: { readonly hasReplica?: boolean } = {}): MemoryRedis {
  return {
    clock,
    unreplicated: options.hasReplica ? [] : null,
    failovers: 0,
    values: new Map(),
    leases: new Map(),
    grants: new Map(),
    fences: new Map(),
    grantEndsMs: new Map(),
    lastOrdinal: 0,
    readySince: null,
    nonce: null,
    topology: null,
    revoked: new Map(),
    breakers: new Map(),
    calls: new Map(),
    registry: null,
  };
}

const mapsOf = ({
  values,
  leases,
  grants,
  fences,
  grantEndsMs,
  revoked,
  breakers,
  calls,
}: MemoryRedis): Map<string, unknown>[] => [
  revoked,
  breakers as Map<string, unknown>,
  calls as Map<string, unknown>,
  values as Map<string, unknown>,
  leases as Map<string, unknown>,
  grants as Map<string, unknown>,
  fences as Map<string, unknown>,
  grantEndsMs,
];

/** To be called before it changes: its replica will lack what comes. Answers what `replicated` wants to know. */
export function remember(redis: MemoryRedis): MemoryRedisCopy | null {
  const { unreplicated, readySince, nonce, topology, registry } = redis;
  if (unreplicated === null) return null;
  const copy = { maps: mapsOf(redis).map((map) => new Map(map)), readySince, nonce, topology, registry };
  unreplicated.push(copy);
  if (unreplicated.length > unreplicatedMax) unreplicated.shift();
  return copy;
}

/** The replica has everything up to and with the change that came after `copy`: replication keeps the order. */
export function replicated({ unreplicated }: MemoryRedis, copy: MemoryRedisCopy | null): void {
  if (copy !== null) unreplicated?.splice(0, unreplicated.indexOf(copy) + 1);
}

/** Its replica takes over, and knows nothing of the last `lost` changes that it had not confirmed. */
export function failOver(redis: MemoryRedis, lost: number): void {
  redis.failovers++;
  const last = redis.unreplicated?.splice(0) ?? [];
  const copy = lost > 0 ? last.at(-lost) : undefined;
  if (copy === undefined) return;
  for (const [index, map] of mapsOf(redis).entries()) {
    map.clear();
    for (const [key, value] of copy.maps[index] ?? []) map.set(key, value);
  }
  redis.readySince = copy.readySince;
  redis.nonce = copy.nonce;
  redis.topology = copy.topology;
  redis.registry = copy.registry;
}

/** It comes up with nothing, as after a crash: Redis runs without persistence. Emptying it is the same. */
export function restartEmpty(redis: MemoryRedis): void {
  for (const map of mapsOf(redis)) map.clear();
  redis.readySince = null;
  redis.nonce = null;
  redis.topology = null;
  redis.registry = null;
}

/** What every read brings along. */
export function stateIn({ topology, revoked, breakers }: MemoryRedis): string | null {
  if (topology === null) return null;
  const added = [
    ...(breakers.size > 0 ? [`"breakers":${JSON.stringify(Object.fromEntries([...breakers].sort()))}`] : []),
    ...(revoked.size > 0 ? [`"revokedKeyHashes":${JSON.stringify([...revoked.keys()].sort())}`] : []),
  ];
  return added.length === 0 ? topology : `${topology.slice(0, -1)},${added.join(',')}}`;
}

/** Evicts one thing, as memory pressure does. Only what has a lifetime may go: never a fence, the marker or the state. */
export function evict(redis: MemoryRedis, kind: 'values' | 'leases' | 'grants', key: string): boolean {
  return (redis[kind] as Map<string, unknown>).delete(key);
}

/** What is held under `key`, or null when there is nothing or its time has passed. */
export function heldIn<K, T>(redis: MemoryRedis, map: Map<K, Volatile<T>>, key: K): T | null {
  const entry = map.get(key);
  if (entry === undefined) return null;
  if (entry.endsAtMs > redis.clock.nowMs()) return entry.held;
  map.delete(key);
  return null;
}

/** The fence of `key`, or null when there is none or its end has come. */
export function fenceIn(redis: MemoryRedis, key: CacheKey): MemoryFence | null {
  const found = redis.fences.get(key);
  if (found === undefined) return null;
  if (found.endsAtMs === null || found.endsAtMs > redis.clock.nowMs()) return found;
  redis.fences.delete(key);
  return null;
}
