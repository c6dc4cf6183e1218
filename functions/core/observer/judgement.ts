/** What is asked of a write that was acknowledged, and what an answer is worth. */
import type { Deadline } from '../kernel/clock.ts';
import { orNull } from '../kernel/invariant.ts';
import type { Holding } from '../member/member.ts';
import { holds } from '../member/member.ts';
import type { MemberSource, Sealer } from '../member/ports.ts';
import type { MemberEvent } from '../propagation/event.ts';
import type { ReadBackAnswer } from './ports.ts';

/** A question whose answer has to know of the write. */
export type Question =
  | { readonly by: 'member' }
  /** One that the write bound, or else one that the member held anyway. */
  | { readonly by: 'identifier'; readonly holding: Holding };

/**
 * `consistent`: it knows of the write, or of a later one. `labelled`: it does not, and says that it may not.
 * `missed`: it does not, and calls itself fresh. `overtaken`: a later write explains it as well, so it is not judged.
 * `unanswered`: there was no answer in time.
 */
export type Verdict = 'consistent' | 'labelled' | 'missed' | 'overtaken' | 'unanswered';

export function questionsOf(event: MemberEvent, sealer: Sealer): readonly Question[] {
  const { holdings } = sealer.open(event.member);
  const bound = new Set(event.directory.filter(({ to }) => to === 'bound').map(({ key }) => key));
  const holding = holdings.find(({ key }) => bound.has(key)) ?? holdings[0];
  return holding ? [{ by: 'member' }, { by: 'identifier', holding }] : [{ by: 'member' }];
}

/** @param answer null when there was none */
export async function judge(
  event: MemberEvent,
  question: Question,
  answer: ReadBackAnswer | null,
  writer: MemberSource,
  sealer: Sealer,
  deadline: Deadline,
): Promise<Verdict> {
  if (answer === null) return 'unanswered';
  if (knows(event, answer)) return 'consistent';
  if (answer.freshness !== 'fresh') return 'labelled';
  // An older version of the member itself: no later write explains that.
  if (answer.memberId === event.memberId) return 'missed';
  const now = await orNull(writer.member(event.memberId, deadline).then((stored) => ({ stored })));
  if (now === null) return 'unanswered';
  const isOvertaken = (now.stored?.version ?? 0) > event.version;
  if (!isOvertaken || !now.stored || question.by === 'member') return isOvertaken ? 'overtaken' : 'missed';
  // A later write that left the identifier where it was explains nothing.
  const { key, token } = question.holding;
  return holds(sealer.open(now.stored), key, token) ? 'missed' : 'overtaken';
}

function knows(event: MemberEvent, { memberId, version }: ReadBackAnswer): boolean {
  if (memberId === null) return event.member.status === 'cancelled';
  return memberId === event.memberId && version !== null && version >= event.version;
}
