/**
 * Comparing what a Redis has cached with the database, a page a round (anti-entropy). Fences and grants keep it right; this
 * finds what no protocol foresaw, such as what somebody put there by hand.
 *
 * An entry is wrong if it is neither below nor above what the writer says, read after it, and yet stands there unchanged
 * when no change is on its way any more: every change that was acknowledged has deleted what was cached before it. What is
 * wrong is fenced at the version of its row: that deletes it, whatever its version, and whoever reads fills anew. The fence
 * has no outbox row, and is swept like any other.
 */
import type { Deadline } from '../kernel/clock.ts';
import { DependencyUnavailable } from '../kernel/invariant.ts';
import type { StoredMember } from '../member/member.ts';
import type { IdentifierEntry, MemberSource, Told } from '../member/ports.ts';
import type { CacheKey, SinkName } from '../propagation/event.ts';
import type { Outbox } from '../propagation/ports.ts';
import type { Findings } from '../search/reconcile.ts';
import type { Sharding } from '../sharding/sharding.ts';
import { readEntry } from './entry.ts';
import type { CacheCluster, Fence } from './ports.ts';

export interface CacheAuditPorts {
  /** The writers. */
  readonly writer: MemberSource;
  readonly outbox: Pick<Outbox, 'existing'>;
  readonly sharding: Pick<Sharding, 'clusterOf'>;
  readonly compared?: ((sink: SinkName, slots: number, found: Findings) => void) | undefined;
}

interface Cached {
  readonly key: CacheKey;
  readonly text: string;
  readonly version: number;
  /** Null is "nobody". */
  readonly memberId: string | null;
}

/** One round: the next page of the cache. */
export function makeCacheAudit(
  ports: CacheAuditPorts,
): (cache: CacheCluster, deadline: Deadline) => Promise<void> {
  const { writer, outbox, sharding, compared } = ports;
  const cursors = new Map<string, string>();

  /** What each entry should be, by the writer: the fence that it would be put right by, or null where it is right. */
  const judge = async (
    entries: readonly Cached[],
    deadline: Deadline,
  ): Promise<readonly (Fence | null)[]> => {
    const keys = entries.flatMap(({ key }) => (key.startsWith('i:') ? [key.slice(2)] : []));
    const rows = new Map<string, Told<IdentifierEntry>>();
    const told = keys.length > 0 ? await writer.identifiers(keys, deadline) : [];
    for (const [index, key] of keys.entries()) rows.set(key, told[index] ?? null);
    const idOf = ({ key, memberId }: Cached): string =>
      memberId ?? (key.startsWith('m:') ? key.slice(2) : '');
    const ids = [...new Set(entries.map(idOf))].filter((id) => id !== '');
    const members = new Map<string, Told<StoredMember>>();
    const found = ids.length > 0 ? await writer.members(ids, deadline) : [];
    for (const [index, id] of ids.entries()) members.set(id, found[index] ?? null);

    return entries.map((entry) => {
      const { key, version, memberId } = entry;
      const member = members.get(idOf(entry)) ?? null;
      const row = key.startsWith('i:') ? (rows.get(key.slice(2)) ?? null) : null;
      if (member instanceof DependencyUnavailable || row instanceof DependencyUnavailable) return null;
      const isActive = member?.status === 'active';
      const isRight = key.startsWith('m:')
        ? memberId === null
          ? !isActive
          : isActive && member.version === version
        : memberId === null
          ? row?.state !== 'bound'
          : isActive && row?.state === 'bound' && row.memberId === memberId && member.version === version;
      if (isRight) return null;
      const by = key.startsWith('i:') && row ? row : member;
      const changed = by?.memberId ?? idOf(entry);
      const above = by?.version ?? 0;
      return { key, version: above, memberId: changed, databaseCluster: sharding.clusterOf(changed) };
    });
  };

  /** Of these, those that no change on its way explains. */
  const unexplained = async (fences: readonly Fence[], deadline: Deadline): Promise<readonly Fence[]> => {
    const alive = await Promise.all(
      [...new Set(fences.map(({ databaseCluster }) => databaseCluster))].map((name) =>
        outbox.existing(
          name,
          fences.filter(({ databaseCluster }) => databaseCluster === name),
          deadline,
        ),
      ),
    );
    const isAlive = new Set(alive.flat().map(({ memberId, version }) => `${memberId}@${version}`));
    return fences.filter(({ memberId, version }) => !isAlive.has(`${memberId}@${version}`));
  };

  return async (cache, deadline) => {
    const page = await cache.values(cursors.get(cache.name) ?? '0', deadline);
    cursors.set(cache.name, page.cursor);
    const entries = page.values.flatMap(({ key, value }): readonly Cached[] => {
      const entry = orNull(() => readEntry(value));
      if (!entry) return [];
      return [{ key, text: value, version: entry.version, memberId: entry.member?.memberId ?? null }];
    });
    if (entries.length === 0) return;
    const wrong = (await judge(entries, deadline)).filter((fence) => fence !== null);
    const open = wrong.length > 0 ? await unexplained(wrong, deadline) : [];
    if (open.length === 0) return compared?.(`redis:${cache.name}`, 0, nothing);
    const again = await cache.readMany(
      open.map(({ key }) => key),
      [],
      deadline,
    );
    const stands = open.filter(
      ({ key }, index) => entries.find((entry) => entry.key === key)?.text === again.values[index],
    );
    if (stands.length > 0) await cache.fence(stands, deadline);
    compared?.(`redis:${cache.name}`, 0, { ...nothing, differing: stands.length, mended: stands.length });
  };
}

const nothing: Findings = { differing: 0, mended: 0, touched: 0, failed: 0 };

/** What is damaged counts as a miss already. */
function orNull<T>(read: () => T | null): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
