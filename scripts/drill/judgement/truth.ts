/** What the database says when all is at rest: every member, and who holds each identifier. */
import { makeMysqlMemberWalk } from '../../../functions/adapters/mysql/member-walk.ts';
import { deadlineAfter } from '../../../functions/core/kernel/clock.ts';
import type { Member, StoredMember } from '../../../functions/core/member/member.ts';
import { slotCount } from '../../../functions/core/sharding/sharding.ts';
import type { operatorParts } from '../../operator.ts';

type Parts = ReturnType<typeof operatorParts>;

export interface Truth {
  readonly stored: ReadonlyMap<string, StoredMember>;
  /** By identifier key. */
  readonly owners: ReadonlyMap<string, { readonly memberId: string; readonly token: string }>;
  /** Identifier keys that two active members hold (I1). */
  readonly twoOwners: readonly string[];
}

const pageSize = 500;
const pageWithinMs = 30_000;
const slotsAtOnce = 4;

export async function readTruth(parts: Parts): Promise<Truth> {
  const { clusters, sharding, clock, sealer } = parts;
  const walk = makeMysqlMemberWalk({ clusters, sharding });
  const stored = new Map<string, StoredMember>();
  const owners = new Map<string, { memberId: string; token: string }>();
  const twoOwners = new Set<string>();

  const note = (member: Member): void => {
    if (member.status !== 'active') return;
    for (const { key, token } of member.holdings) {
      if (owners.has(key)) twoOwners.add(key);
      owners.set(key, { memberId: member.memberId, token });
    }
  };
  const slots = Array.from({ length: slotCount }, (_, slot) => slot);
  await inParallel(slots, slotsAtOnce, async (slot) => {
    for (let after = ''; ; ) {
      const page = await walk.page(slot, after, pageSize, deadlineAfter(clock, pageWithinMs));
      if (page.kind !== 'page') throw new Error(`slot ${slot} is not at its writer`);
      for (const one of page.members) {
        stored.set(one.memberId, one);
        note(sealer.open(one));
      }
      if (page.members.length < pageSize) return;
      after = page.members.at(-1)?.memberId ?? '';
    }
  });
  return { stored, owners, twoOwners: [...twoOwners] };
}

/** At most `handsCount` at once. */
export async function inParallel<Item>(
  items: readonly Item[],
  handsCount: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const left = [...items];
  const hand = async (): Promise<void> => {
    for (let item = left.pop(); item !== undefined; item = left.pop()) await work(item);
  };
  await Promise.all(Array.from({ length: handsCount }, hand));
}
