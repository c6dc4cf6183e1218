/**
 * Stand-ins for the keyed hashes and the sealing: deterministic, quick (real sealing costs more than the rest of an
 * operation together), and readable in a story. The same contracts hold: an opened member is checked to be the stored
 * one, an identifier's key tells it apart from all others.
 */

import type { Ids } from '../../functions/core/kernel/ids.ts';
import { invariant } from '../../functions/core/kernel/invariant.ts';
import { fieldOf, type Identifier, type IdentifierHasher } from '../../functions/core/member/identifiers.ts';
import type { Member } from '../../functions/core/member/member.ts';
import type { Sealer } from '../../functions/core/member/ports.ts';
import { type SlotHasher, slotCount } from '../../functions/core/sharding/sharding.ts';

export const keyOf = (identifier: Identifier): string => `${fieldOf(identifier)}-${identifier.value}`;

/**
 * Which keyrings run side by side. The key of {@link keyOf} is the one that all processes know. `first-step`: some know a
 * new one already, which is their current one; `last-step`: some know an old one still, which is not.
 */
export type Keyrings = 'one' | 'first-step' | 'last-step';

/**
 * Every fifth seed has the first step of a rotation, every fifth the last; the others are as if there were none, or, when
 * the run is about it, have either.
 */
export const keyringsOf = (seed: number, isAboutIt: boolean): Keyrings =>
  (['first-step', 'last-step'] as const)[seed % (isAboutIt ? 2 : 5)] ?? 'one';

/** The keys that a process knows, by its name. */
export function identifierHasherOf(processName: string, keyrings: Keyrings): IdentifierHasher {
  const knowsOne = keyrings === 'one' || slotHasher.slotOf(processName) % 2 === 0;
  return {
    keysOf(identifier) {
      const key = keyOf(identifier);
      if (knowsOne) return [key];
      return keyrings === 'first-step' ? [`new-${key}`, key] : [key, `old-${key}`];
    },
  };
}

export const slotHasher: SlotHasher = {
  slotOf(text) {
    let hash = 0x811c9dc5;
    for (let index = 0; index < text.length; index++)
      hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
    return ((hash ^ (hash >>> 15)) >>> 0) % slotCount;
  },
};

/** Opens what it has sealed itself without parsing it again. */
export function makeCheapSealer(): Sealer {
  const opened = new Map<string, Member>();
  return {
    keyId: 'cheap',
    seal(member) {
      const sealed = JSON.stringify(member);
      opened.set(sealed, member);
      return sealed;
    },
    open(stored) {
      const member = opened.get(stored.sealed);
      const agree =
        member?.memberId === stored.memberId &&
        member.version === stored.version &&
        member.status === stored.status;
      invariant(agree, `the stored member ${stored.memberId} at ${stored.version} does not open`);
      return member as Member;
    },
  };
}

/** Members are M1, M2, ...; tokens t1, t2, ... behind the day that `today` says. */
export function makeCountedIds(today: () => number): Ids {
  let members = 0;
  let tokens = 0;
  return {
    memberId: () => `M${++members}`,
    token: () => `${today()}.t${++tokens}`,
  };
}
