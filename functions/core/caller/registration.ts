/**
 * A caller as it is registered: the pure rules of keys, of disabling, and of bringing two centres' registries together.
 *
 *   (absent) --add--> active --disable--> disabled --add--> active, of the next generation
 *   a key: live --rotated out, disabled with its caller or by itself--> dropped, for ever
 *
 * Each centre has a registry of its own, and either may be away while the other changes. So what is known of one caller
 * in two places is joined: whatever one of them refuses is refused, in whatever order and however often they are joined.
 */
import type { Caller, Lane } from './caller.ts';

export interface RegisteredKey {
  readonly hash: string;
  /** Since when it is live, or dropped: wall-clock time, for order and trimming alone. */
  readonly sinceMs: number;
}

export interface Registration {
  readonly name: string;
  readonly owner: string;
  readonly team: string;
  readonly purpose: string;
  readonly lane: Lane;
  /** What it is expected to ask for, and how often: information for people, so far. */
  readonly operations: readonly string[];
  readonly ratePerSecond: number;
  /** How often the name was given: a disabled caller's may be given anew. */
  readonly generation: number;
  /** Since when it is disabled; null while it is active. */
  readonly disabledSinceMs: number | null;
  /** Its live keys, the older first. */
  readonly keys: readonly RegisteredKey[];
  /** Keys that were live once, the newest last. */
  readonly dropped: readonly RegisteredKey[];
}

/** Two, so that a key can be rotated without a gap. */
const liveKeysMax = 2;
/** More than that are older than any two live keys that a registry left behind could still hold. */
const droppedKeysMax = 8;

/** The caller as requests are admitted by it. A dropped key is nobody's. */
export const callerOf = ({ name, owner, purpose, lane, disabledSinceMs, keys }: Registration): Caller => ({
  name,
  owner,
  purpose,
  lane,
  state: disabledSinceMs === null ? 'active' : 'disabled',
  keyHashes: keys.map(({ hash }) => hash),
});

/** With one more live key; the oldest goes when there are too many. */
export function withKey(registration: Registration, hash: string, nowMs: number): Registration {
  // Clocks differ: the new key must not look like the oldest.
  const sinceMs = Math.max(nowMs, ...registration.keys.map((key) => key.sinceMs + 1));
  return settled({ ...registration, keys: [...registration.keys, { hash, sinceMs }] });
}

/** Without one of its keys, for ever. */
export function withoutKey(registration: Registration, hash: string, nowMs: number): Registration {
  return settled({ ...registration, dropped: [...registration.dropped, { hash, sinceMs: nowMs }] });
}

export const disabled = (registration: Registration, nowMs: number): Registration => ({
  ...registration,
  disabledSinceMs: registration.disabledSinceMs ?? nowMs,
});

/** Every key of it that is refused, and since when. */
export function refusedKeys({ keys, dropped, disabledSinceMs }: Registration): readonly RegisteredKey[] {
  if (disabledSinceMs === null) return dropped;
  return [...dropped, ...keys.map(({ hash }) => ({ hash, sinceMs: disabledSinceMs }))];
}

/** What is known of one caller in two places, as one. */
export function joined(one: Registration, other: Registration): Registration {
  if (one.generation !== other.generation) {
    const [old, young] = one.generation < other.generation ? [one, other] : [other, one];
    const live = new Set(young.keys.map(({ hash }) => hash));
    const gone = [...old.dropped, ...old.keys].filter(({ hash }) => !live.has(hash));
    return settled({ ...young, dropped: [...young.dropped, ...gone] });
  }
  // Two centres that could not hear each other may both have given the name: one of them describes it.
  const [described, further] = textOf(one) <= textOf(other) ? [one, other] : [other, one];
  return settled({
    ...described,
    disabledSinceMs: earlier(one.disabledSinceMs, other.disabledSinceMs),
    keys: [...described.keys, ...further.keys],
    dropped: [...described.dropped, ...further.dropped],
  });
}

/** Several registries as one: each caller once, in the order of their names. */
export function joinedAll(...registries: readonly (readonly Registration[])[]): readonly Registration[] {
  const byName = new Map<string, Registration>();
  for (const registration of registries.flat()) {
    const known = byName.get(registration.name);
    byName.set(registration.name, known ? joined(known, registration) : settled(registration));
  }
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

export const isSame = (one: Registration | undefined, other: Registration | undefined): boolean =>
  one === other ||
  (one !== undefined && other !== undefined && JSON.stringify(one) === JSON.stringify(other));

/** In its one form: each key once, dropped ones not live, and no more of either than there may be. */
function settled(registration: Registration): Registration {
  const dropped = new Map<string, number>();
  for (const { hash, sinceMs } of registration.dropped)
    dropped.set(hash, Math.min(sinceMs, dropped.get(hash) ?? sinceMs));
  const live = new Map<string, number>();
  for (const { hash, sinceMs } of registration.keys)
    if (!dropped.has(hash)) live.set(hash, Math.min(sinceMs, live.get(hash) ?? sinceMs));
  const keys = ordered(live);
  const newestMs = keys.at(-1)?.sinceMs ?? 0;
  for (const { hash } of keys.slice(0, -liveKeysMax)) dropped.set(hash, newestMs);
  return {
    // Named one by one: two copies of one registration have one text.
    name: registration.name,
    owner: registration.owner,
    team: registration.team,
    purpose: registration.purpose,
    lane: registration.lane,
    operations: registration.operations,
    ratePerSecond: registration.ratePerSecond,
    generation: registration.generation,
    disabledSinceMs: registration.disabledSinceMs,
    keys: keys.slice(-liveKeysMax),
    dropped: ordered(dropped).slice(-droppedKeysMax),
  };
}

const ordered = (keys: ReadonlyMap<string, number>): RegisteredKey[] =>
  [...keys]
    .map(([hash, sinceMs]) => ({ hash, sinceMs }))
    .sort((a, b) => a.sinceMs - b.sinceMs || (a.hash < b.hash ? -1 : 1));

const textOf = ({ owner, team, purpose, lane, operations, ratePerSecond }: Registration): string =>
  JSON.stringify([owner, team, purpose, lane, operations, ratePerSecond]);

const earlier = (one: number | null, other: number | null): number | null =>
  one === null || other === null ? (one ?? other) : Math.min(one, other);
