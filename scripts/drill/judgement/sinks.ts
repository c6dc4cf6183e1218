/**
 * Whether every sink equals the database (I6): the directory, each search cluster, what each replica shows, and what each
 * Redis would answer from.
 */
import {
  makeMysqlReplicaSource,
  makeMysqlWriterSource,
} from '../../../functions/adapters/mysql/member-source.ts';
import { readEntry } from '../../../functions/core/cache/entry.ts';
import type { CacheCluster } from '../../../functions/core/cache/ports.ts';
import { type Clock, deadlineAfter } from '../../../functions/core/kernel/clock.ts';
import { DependencyUnavailable } from '../../../functions/core/kernel/invariant.ts';
import type { StoredMember } from '../../../functions/core/member/member.ts';
import type { IdentifierEntry, MemberSource, Told } from '../../../functions/core/member/ports.ts';
import { cacheKeyOfIdentifier, cacheKeyOfMember } from '../../../functions/core/propagation/event.ts';
import type { operatorParts } from '../../operator.ts';
import type { Truth } from './truth.ts';

/** A sink, and how it differs: what, in words without a value. */
export interface Difference {
  readonly sink: string;
  readonly what: string;
}

const pageSize = 500;
/** Long: a replica that has not been read yet opens the tables of a thousand slots first. */
const pageWithinMs = 30_000;

/** @param keys every identifier key that anybody ever held: who holds one no more must not be found by it */
export async function differencesOf(
  truth: Truth,
  keys: readonly string[],
  parts: ReturnType<typeof operatorParts>,
): Promise<readonly Difference[]> {
  const { clusters, sharding, sinks, replicaNames, clock } = parts;
  const sources: readonly MemberSource[] = [
    makeMysqlWriterSource({ name: 'directory', clusters, sharding }),
    ...[...replicaNames.A, ...replicaNames.B].map((replica) =>
      makeMysqlReplicaSource({ name: `replica:${replica}`, clusters, sharding, choose: () => replica }),
    ),
    ...Object.values(sinks.search).map(({ cluster }) => cluster),
  ];
  const caches = [...Object.values(sinks.caches.A), ...Object.values(sinks.caches.B)];
  const found = await Promise.all([
    ...sources.map((source) => differencesIn(source, truth, keys, clock)),
    ...caches.map((cache) => staleIn(cache, truth, keys, clock)),
  ]);
  return found.flat();
}

/** Of the directory, a replica or a search cluster. */
export async function differencesIn(
  source: MemberSource,
  { stored, owners }: Truth,
  keys: readonly string[],
  clock: Clock,
): Promise<Difference[]> {
  const found: Difference[] = [];
  const differs = (what: string): void => void found.push({ sink: source.name, what });
  const deadline = () => deadlineAfter(clock, pageWithinMs);
  const isOne = (known: StoredMember | undefined, told: StoredMember | null): boolean =>
    told !== null &&
    told.version === known?.version &&
    told.status === known.status &&
    told.sealed === known.sealed;
  const isOwner = (key: string, told: IdentifierEntry | null): boolean => {
    const owner = owners.get(key);
    if (!owner) return told?.state !== 'bound';
    return told?.state === 'bound' && told.memberId === owner.memberId && told.token === owner.token;
  };
  try {
    for (const ids of pagesOf([...stored.keys()])) {
      const told = await source.members(ids, deadline());
      for (const [index, id] of ids.entries())
        if (!isOne(stored.get(id), sureOf(told[index]))) differs(`member ${id}`);
    }
    for (const page of pagesOf(keys)) {
      const told = await source.identifiers(page, deadline());
      for (const [index, key] of page.entries())
        if (!isOwner(key, sureOf(told[index]))) differs(`identifier ${key}`);
    }
  } catch (error) {
    differs(`does not answer: ${(error as Error).message}`);
  }
  return found;
}

/** Who cannot tell differs as a whole: nothing is known of it. */
function sureOf<T>(told: Told<T> | undefined): T | null {
  if (told instanceof DependencyUnavailable) throw told;
  return told ?? null;
}

/** Of a Redis. Entries may be missing; none may be of another version, or name another than the owner. */
export async function staleIn(
  cache: Pick<CacheCluster, 'name' | 'readMany'>,
  { stored, owners }: Truth,
  keys: readonly string[],
  clock: Clock,
): Promise<Difference[]> {
  const found: Difference[] = [];
  const sink = `redis:${cache.name}`;
  const wanted = [
    ...[...stored.keys()].map((id) => ({ key: cacheKeyOfMember(id), owner: id })),
    ...keys.map((key) => ({ key: cacheKeyOfIdentifier(key), owner: owners.get(key)?.memberId ?? null })),
  ];
  try {
    for (const page of pagesOf(wanted)) {
      const names = page.map(({ key }) => key);
      const { values } = await cache.readMany(names, [], deadlineAfter(clock, pageWithinMs));
      for (const [index, { key, owner }] of page.entries()) {
        const text = values[index];
        const entry = typeof text === 'string' ? readEntry(text) : null;
        if (entry === null) continue;
        const known = owner === null ? undefined : stored.get(owner);
        const isRight = entry.member
          ? entry.member.memberId === owner && entry.version === known?.version
          : known?.status !== 'active';
        if (!isRight) found.push({ sink, what: `an entry of ${key}` });
      }
    }
  } catch (error) {
    found.push({ sink, what: `does not answer: ${(error as Error).message}` });
  }
  return found;
}

function* pagesOf<Item>(items: readonly Item[]): Generator<readonly Item[]> {
  for (let at = 0; at < items.length; at += pageSize) yield items.slice(at, at + pageSize);
}
