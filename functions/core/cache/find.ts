/** Finding a target in one source, and what the source's answer is worth. */
import type { IdentifierKey } from '../directory/directory.ts';
import type { Deadline } from '../kernel/clock.ts';
import { SealBroken } from '../member/errors.ts';
import { holds } from '../member/member.ts';
import type { MemberSource, Sealer } from '../member/ports.ts';
import type { CacheKey } from '../propagation/event.ts';
import type { Entry } from './entry.ts';

/** What a read is about. `databaseClusters` are those whose writes may change the answer. */
export type Target = { readonly cacheKey: CacheKey; readonly databaseClusters: readonly string[] } & (
  | { readonly kind: 'member'; readonly memberId: string }
  | { readonly kind: 'identifier'; readonly key: IdentifierKey }
);

/**
 * What `source` says of the target; null when its entry and its member contradict each other, or a claim is under way:
 * then only a better source can tell, and at the writer it means nobody, at no version that could be cached.
 *
 * The version of "nobody" is the identifier's own, never that of a member that was looked at: a member's later changes
 * would make an old "nobody" look newer than the next member's binding.
 */
export async function findIn(
  source: MemberSource,
  target: Target,
  sealer: Sealer,
  deadline: Deadline,
): Promise<Entry | null> {
  if (target.kind === 'member') {
    const stored = await source.member(target.memberId, deadline);
    if (stored === null) return nobodyAt(0);
    if (stored.status !== 'active') return nobodyAt(stored.version);
    return { found: { stored, member: sealer.open(stored) }, version: stored.version };
  }
  const named = await source.identifier(target.key, deadline);
  if (named === null) return nobodyAt(0);
  if (named.state === 'free') return nobodyAt(named.version);
  const stored = await source.member(named.memberId, deadline);
  const member = stored && sealer.open(stored);
  if (!stored || !member || !holds(member, target.key, named.token)) return null;
  return { found: { stored, member }, version: stored.version };
}

/**
 * What a copy says; null when it was damaged: then only a better source can tell. Never for the writer, whose damage has
 * to be seen.
 */
export async function unlessDamaged<T>(found: Promise<T>): Promise<T | null> {
  try {
    return await found;
  } catch (error) {
    if (error instanceof SealBroken) return null;
    throw error;
  }
}

const nobodyAt = (version: number): Entry => ({ found: null, version });
