/**
 * Writing members down again under the keys that are current: sealed with the key that seals, and held under every key
 * that their identifiers have. What callers see of them stays. A refresh is a write like any other, so every store,
 * cache, document and journal follows by the ordinary protocol.
 *
 *   behind --take--> held under every key, sealed anew --free--> current
 *
 * Taking and freeing are two writes, and the second comes only when every source shows the first: an identifier that was
 * freed under its old key is then found under the new one by everybody who asks for both.
 */
import type { Deadline } from '../kernel/clock.ts';
import { decideRefresh, type Holding, identifiersOf, type Member, type StoredMember } from './member.ts';
import type { WriteOutcome, WriteRequest } from './outcomes.ts';
import { keyIdOf } from './ports.ts';
import { makeWriteFlow, type Wanted, type WriteFlowPorts, wantedOf } from './write-flow.ts';

/** `take`: seals anew, and takes the keys that are missing. `free`: frees those that identifiers have no more. */
export type RefreshStep = 'take' | 'free';

/** What a member lacks. */
export interface Arrears {
  readonly isSealedWithOld: boolean;
  readonly missing: readonly Wanted[];
  readonly dropped: readonly Holding[];
}

export function arrearsOf(
  member: Member,
  stored: StoredMember,
  { hasher, sealer }: Pick<WriteFlowPorts, 'hasher' | 'sealer'>,
): Arrears {
  const wanted = wantedOf(hasher, identifiersOf(member));
  return {
    isSealedWithOld: keyIdOf(stored.sealed) !== sealer.keyId,
    missing: wanted.filter(({ key }) => !member.holdings.some((held) => held.key === key)),
    dropped: member.holdings.filter((held) => !wanted.some(({ key }) => held.key === key)),
  };
}

/** The steps that a member needs. */
export function stepsFor({ isSealedWithOld, missing, dropped }: Arrears): readonly RefreshStep[] {
  return [
    ...(isSealedWithOld || missing.length > 0 ? (['take'] as const) : []),
    ...(dropped.length > 0 ? (['free'] as const) : []),
  ];
}

/** `current`: there is nothing to do. `behind`: nothing may be freed before all is taken. */
export type RefreshOutcome = WriteOutcome | { readonly kind: 'current' } | { readonly kind: 'behind' };

export type Refresh = (
  memberId: string,
  step: RefreshStep,
  request: WriteRequest,
  deadline: Deadline,
) => Promise<RefreshOutcome>;

export function makeRefresh(ports: WriteFlowPorts): Refresh {
  const flow = makeWriteFlow(ports);
  return (memberId, step, request, deadline) =>
    flow<RefreshOutcome>(memberId, request, deadline, (member, stored) => {
      if (!member || !stored) return { kind: 'answer', outcome: { kind: 'no-such-member' } };
      const arrears = arrearsOf(member, stored, ports);
      const steps = stepsFor(arrears);
      if (!steps.includes(step)) return { kind: 'answer', outcome: { kind: 'current' } };
      if (step === 'take') {
        const change = (taken: readonly Holding[]) => decideRefresh(member, taken, []);
        return { kind: 'change', wanted: arrears.missing, change };
      }
      if (steps.includes('take')) return { kind: 'answer', outcome: { kind: 'behind' } };
      return { kind: 'change', wanted: [], change: () => decideRefresh(member, [], arrears.dropped) };
    });
}
