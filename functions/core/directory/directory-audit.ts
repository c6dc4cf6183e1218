/**
 * Comparing the directory with the members, a page of one slot a round (anti-entropy): each identifier that a member holds
 * must have a row that is bound to it by its token. Rows follow their members by themselves; this finds what was damaged.
 *
 * A row that is claimed by the member's own token lacks its last step, and is settled. Whatever else differs is left to a
 * person: an identifier is never taken from a row that somebody else may have by right. The other way round nothing has
 * to be done: a row whose member does not hold it by its token finds nobody, and is free to take for whoever asks.
 */
import { type Clock, type Deadline, within } from '../kernel/clock.ts';
import { DependencyUnavailable } from '../kernel/invariant.ts';
import { SealBroken } from '../member/errors.ts';
import type { Member, StoredMember } from '../member/member.ts';
import type { MemberSource, MemberWalk, Sealer } from '../member/ports.ts';
import type { SinkName } from '../propagation/event.ts';
import type { Outbox } from '../propagation/ports.ts';
import type { Findings } from '../search/reconcile.ts';
import { type Sharding, slotCount } from '../sharding/sharding.ts';
import type { Directory } from './ports.ts';

export interface DirectoryAuditPorts {
  readonly walk: MemberWalk;
  readonly writer: MemberSource;
  readonly directory: Pick<Directory, 'settle'>;
  readonly outbox: Pick<Outbox, 'existing'>;
  readonly sharding: Pick<Sharding, 'clusterOf'>;
  readonly sealer: Sealer;
  /** 0 to below 1: where the walk begins. */
  readonly random: () => number;
  readonly clock: Clock;
  readonly compared?: ((sink: SinkName, slots: number, found: Findings) => void) | undefined;
}

const pageMax = 100;
const slotsMax = 16;
const workMs = 300;

/** One round: the next page, and while they are small the next slots. */
export function makeDirectoryAudit(ports: DirectoryAuditPorts): (deadline: Deadline) => Promise<void> {
  const { walk, writer, directory, outbox, sharding, sealer, random, clock, compared } = ports;
  let slot = Math.floor(random() * slotCount);
  let after = '';

  const auditPage = async (members: readonly StoredMember[], deadline: Deadline): Promise<Findings> => {
    const opened = members.flatMap((stored) => openOrNull(sealer, stored) ?? []);
    const held = opened.flatMap((member) => member.holdings.map((holding) => ({ member, ...holding })));
    if (held.length === 0) return nothing;
    const rows = await writer.identifiers(
      held.map(({ key }) => key),
      deadline,
    );
    const differing = held.flatMap((one, index) => {
      const row = rows[index] ?? null;
      if (row instanceof DependencyUnavailable) return [];
      const isRight =
        row?.state === 'bound' && row.token === one.token && row.memberId === one.member.memberId;
      return isRight ? [] : [{ ...one, row }];
    });
    if (differing.length === 0) return nothing;
    // Either its last step is on its way, or the member has changed since the page was read.
    const now = await writer.members(
      differing.map(({ member }) => member.memberId),
      deadline,
    );
    const standing = differing.filter(({ member }, index) => {
      const stored = now[index];
      return stored && !(stored instanceof DependencyUnavailable) && stored.version === member.version;
    });
    const [first] = standing;
    if (!first) return nothing;
    const alive = await outbox.existing(
      sharding.clusterOf(first.member.memberId),
      standing.map(({ member }) => member),
      deadline,
    );
    const isAlive = new Set(alive.map(({ memberId }) => memberId));
    const left = standing.filter(({ member }) => !isAlive.has(member.memberId));
    const own = left.filter(({ row, token }) => row?.state === 'claimed' && row.token === token);
    for (const { key, token, member } of own)
      await directory.settle([{ key, token, to: 'bound' }], member.version, deadline);
    return { ...nothing, differing: left.length, mended: own.length, failed: left.length - own.length };
  };

  return async (deadline) => {
    const work = within(clock, deadline, workMs);
    for (let count = 0; count < slotsMax; count++) {
      const page = await walk.page(slot, after, pageMax, deadline);
      if (page.kind !== 'page') return;
      const found = await auditPage(page.members, deadline);
      const isSlotOver = page.members.length < pageMax;
      after = isSlotOver ? '' : (page.members.at(-1)?.memberId ?? '');
      if (isSlotOver) slot = (slot + 1) % slotCount;
      compared?.('directory', isSlotOver ? 1 : 0, found);
      if (clock.monotonicMs() >= work.atMonotonicMs) return;
    }
  };
}

const nothing: Findings = { differing: 0, mended: 0, touched: 0, failed: 0 };

/** A member that does not open is another finding: the rotation counts it. */
function openOrNull(sealer: Sealer, stored: StoredMember): Member | null {
  try {
    return sealer.open(stored);
  } catch (error) {
    if (error instanceof SealBroken) return null;
    throw error;
  }
}
