/** Finding targets in one source, and what the source's answers are worth. */
import type { IdentifierKey } from '../directory/directory.ts';
import type { Deadline } from '../kernel/clock.ts';
import { DependencyUnavailable } from '../kernel/invariant.ts';
import { SealBroken } from '../member/errors.ts';
import { holds, type StoredMember } from '../member/member.ts';
import type { IdentifierEntry, MemberSource, Sealer, Told } from '../member/ports.ts';
import { toldAtAll } from '../member/source.ts';
import type { CacheKey } from '../propagation/event.ts';
import type { Entry } from './entry.ts';

/** What a read is about. `databaseClusters` are those whose writes may change the answer. */
export type Target = { readonly cacheKey: CacheKey; readonly databaseClusters: readonly string[] } & (
  | { readonly kind: 'member'; readonly memberId: string }
  | { readonly kind: 'identifier'; readonly key: IdentifierKey }
);

/**
 * What a source says of a target; null when its entry and its member contradict each other, or a claim is under way:
 * then only a better source can tell, and at the writer it means nobody, at no version that could be cached. An error
 * when it cannot tell, or what it has is damaged: again a better source can tell, and the writer's damage has to be seen.
 */
export type Found = Entry | null | DependencyUnavailable | SealBroken;

/**
 * What `source` says of each target, in order: one round for the identifiers, one for the members.
 *
 * The version of "nobody" is the identifier's own, never that of a member that was looked at: a member's later changes
 * would make an old "nobody" look newer than the next member's binding.
 */
export async function findIn(
  source: MemberSource,
  targets: readonly Target[],
  sealer: Sealer,
  deadline: Deadline,
): Promise<readonly Found[]> {
  const keys = targets.flatMap((target) => (target.kind === 'identifier' ? [target.key] : []));
  const named = await tellOf(keys, (all) => source.identifiers(all, deadline));
  const idOf = (target: Target): string | null => {
    if (target.kind === 'member') return target.memberId;
    const entry = named.get(target.key);
    return isTold(entry) && entry.state !== 'free' ? entry.memberId : null;
  };
  const ids = targets.flatMap((target) => idOf(target) ?? []);
  const members = await tellOf(ids, (all) => source.members(all, deadline));
  return targets.map((target) => {
    const stored = members.get(idOf(target) ?? '') ?? null;
    return unlessDamaged(() =>
      target.kind === 'member'
        ? memberIn(stored, sealer)
        : holderIn(target.key, named.get(target.key) ?? null, stored, sealer),
    );
  });
}

function memberIn(stored: Told<StoredMember>, sealer: Sealer): Found {
  if (stored === null) return nobodyAt(0);
  if (stored instanceof DependencyUnavailable) return stored;
  if (stored.status !== 'active') return nobodyAt(stored.version);
  return { found: { stored, member: sealer.open(stored) }, version: stored.version };
}

function holderIn(
  key: IdentifierKey,
  named: Told<IdentifierEntry>,
  stored: Told<StoredMember>,
  sealer: Sealer,
): Found {
  if (named === null) return nobodyAt(0);
  if (named instanceof DependencyUnavailable) return named;
  if (named.state === 'free') return nobodyAt(named.version);
  if (stored instanceof DependencyUnavailable) return stored;
  const member = stored && sealer.open(stored);
  if (!stored || !member || !holds(member, key, named.token)) return null;
  return { found: { stored, member }, version: stored.version };
}

function unlessDamaged(find: () => Found): Found {
  try {
    return find();
  } catch (error) {
    if (error instanceof SealBroken) return error;
    throw error;
  }
}

/** Asks of each thing once; nothing when there is nothing to ask. */
async function tellOf<T>(
  things: readonly string[],
  ask: (things: readonly string[]) => Promise<readonly Told<T>[]>,
): Promise<ReadonlyMap<string, Told<T>>> {
  const distinct = [...new Set(things)];
  if (distinct.length === 0) return new Map();
  const told = await toldAtAll(distinct.length, () => ask(distinct));
  return new Map(distinct.map((thing, index) => [thing, told[index] ?? null]));
}

function isTold<T>(told: Told<T> | undefined): told is T {
  return told !== undefined && told !== null && !(told instanceof DependencyUnavailable);
}

const nobodyAt = (version: number): Entry => ({ found: null, version });
