/** The invariants that are checked while a run goes on, each by its name. A check answers with what is broken, or null. */

import type { ReadAnswer } from '../../functions/core/cache/answers.ts';
import type { IdentifierKey } from '../../functions/core/directory/directory.ts';
import type { Receipt } from '../../functions/core/member/member.ts';
import type { WriteRequest } from '../../functions/core/member/outcomes.ts';
import { type CacheKey, cacheKeyOfMember } from '../../functions/core/propagation/event.ts';
import { say } from './trace.ts';
import type { Committed, State, Timeline, Truth } from './truth.ts';

export type Invariant = 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'I7' | 'I8';

export interface Violation {
  readonly invariant: Invariant;
  /** The check that found it. */
  readonly check: string;
  readonly message: string;
  /** The members, identifiers and parts that the story is about. */
  readonly keys: readonly string[];
}

export const broken = (
  invariant: Invariant,
  check: string,
  message: string,
  keys: readonly string[],
): Violation => ({
  invariant,
  check,
  message,
  keys,
});

/** I1: whoever takes an identifier, nobody else holds it. */
export function oneOwner(
  commit: Committed,
  earlierOwners: ReadonlyMap<IdentifierKey, string>,
): Violation | null {
  for (const [key, owner] of earlierOwners) {
    const { memberId } = commit.member;
    if (owner !== memberId)
      return broken('I1', 'oneOwner', `${memberId} takes ${key}, which ${owner} holds`, [
        key,
        memberId,
        owner,
      ]);
  }
  return null;
}

/** I1, I8: registrations of one (caller, key) make one member. */
export function registeredOnce(truth: Truth, { event }: Committed): Violation | null {
  const made = [...truth.registeredBy(event.idempotency)];
  if (made.length <= 1) return null;
  return broken(
    'I8',
    'registeredOnce',
    `one registration (${event.idempotency.key}) made ${made.join(' and ')}`,
    made,
  );
}

/** I8: a request commits once. */
export function commitsOnce(truth: Truth, { event }: Committed): Violation | null {
  const { memberId, idempotency } = event;
  if (truth.commitsOf(idempotency, memberId).length <= 1) return null;
  return broken('I8', 'commitsOnce', `the request ${idempotency.key} about ${memberId} has committed twice`, [
    memberId,
  ]);
}

/** I5 in part: versions only grow, and are of an epoch that has begun. */
export function versionsGrow(before: Committed | undefined, { member, event }: Committed): Violation | null {
  const last = before?.member.version ?? 0;
  if (member.version > last && Math.floor(member.version / 2 ** 32) >= event.epoch) return null;
  return broken('I5', 'versionsGrow', `${member.memberId} goes from ${say(last)} to ${say(member.version)}`, [
    member.memberId,
  ]);
}

/** I8: every answer to a request carries the same receipt: that of the one commit it made, with this very body. */
export function sameReceipt(
  truth: Truth,
  request: WriteRequest,
  first: Receipt | null,
  receipt: Receipt,
): Violation | null {
  const { caller, idempotencyKey: key, requestHash } = request;
  const { memberId, version, epoch } = receipt;
  const isOther =
    first !== null && (first.memberId !== memberId || first.version !== version || first.epoch !== epoch);
  const event = truth.commitsOf({ caller, key }, memberId).at(0)?.event;
  if (!isOther && event?.version === version && event.idempotency.requestHash === requestHash) return null;
  const message = `${key} (${requestHash}) was answered ${say(receipt)}, earlier ${say(first)}; it committed ${say(event)}`;
  return broken('I8', 'sameReceipt', message, [memberId, key]);
}

/** What a read was about, and what had been acknowledged when it began. */
export interface Read {
  readonly cacheKey: CacheKey;
  /** Null for a read by member. */
  readonly identifierKey: IdentifierKey | null;
  readonly startedAtMs: number;
  readonly floor: number;
}

const subjectOf = ({ cacheKey }: Read): string => cacheKey.slice(2);

/** I2: an answer that names a member shows it as it was committed at that version, holding the identifier asked for. */
export function bothEndsAgree(truth: Truth, read: Read, answer: ReadAnswer): Violation | null {
  if (answer.kind === 'nobody') return null;
  const { member } = answer;
  const committed = truth.commitOf(member.memberId, member.version)?.member;
  const keys = [subjectOf(read), member.memberId];
  if (!committed || JSON.stringify(committed) !== JSON.stringify(member)) {
    return broken('I2', 'bothEndsAgree', `${say(member)} was never committed so`, keys);
  }
  const isIt =
    read.identifierKey === null
      ? member.memberId === subjectOf(read)
      : member.holdings.some(({ key }) => key === read.identifierKey);
  if (isIt && member.status === 'active') return null;
  return broken(
    'I2',
    'bothEndsAgree',
    `${subjectOf(read)} was answered with ${say(member)}, which is a stranger`,
    keys,
  );
}

/** I4: `fresh` misses nothing that was acknowledged before the read began; `bounded`, nothing from before its age. */
export function noSilentStaleness(truth: Truth, read: Read, answer: ReadAnswer): Violation | null {
  if (answer.freshness === 'stale') return null;
  const line = truth.timeline(read.cacheKey);
  const asOfMs = read.startedAtMs - (answer.freshness === 'fresh' ? 0 : answer.ageMs);
  const floor = answer.freshness === 'fresh' ? read.floor : floorAt(line, asOfMs);
  const answered: State = answer.kind === 'member' ? answer.member : { memberId: null, version: 0 };
  if (isAmong(line, floor, answered, asOfMs)) return isNewEnough(truth, read, answer);
  const said = answer.kind === 'member' ? say(answer.member) : 'nobody';
  const how = answer.freshness === 'fresh' ? 'fresh' : `bounded by ${Math.round(answer.ageMs)} ms`;
  const acknowledged = line.states[floor];
  return broken(
    'I4',
    'noSilentStaleness',
    `${subjectOf(read)} was answered ${how} from ${answer.source} with ${said}; acknowledged before was ${acknowledged?.memberId ?? 'nobody'} at ${say(acknowledged?.version ?? 0)} (the read began at ${read.startedAtMs.toFixed(3)})`,
    [
      subjectOf(read),
      ...line.states.slice(floor).flatMap(({ memberId }) => memberId ?? []),
      answered.memberId ?? '',
    ].filter((key) => key !== ''),
  );
}

/** Whoever was found by an identifier is shown no older than what was acknowledged of the member itself. */
function isNewEnough(truth: Truth, { startedAtMs }: Read, answer: ReadAnswer): Violation | null {
  if (answer.kind === 'nobody' || answer.freshness === 'stale') return null;
  const { memberId, version } = answer.member;
  const line = truth.timeline(cacheKeyOfMember(memberId));
  const asOfMs = startedAtMs - (answer.freshness === 'bounded' ? answer.ageMs : 0);
  const acknowledged = line.states[standing(line, floorAt(line, asOfMs))]?.version ?? 0;
  if (version >= acknowledged) return null;
  const message = `${memberId} was answered ${answer.freshness} from ${answer.source} at ${say(version)}; ${say(acknowledged)} had been acknowledged`;
  return broken('I4', 'noSilentStaleness', message, [memberId]);
}

/** The newest state that had been acknowledged at a moment. */
function floorAt({ rises }: Timeline, atMs: number): number {
  for (let index = rises.length - 1; index >= 0; index--) {
    const rise = rises[index];
    if (rise && rise.atMs < atMs) return rise.floor;
  }
  return 0;
}

/** The newest state at `floor` or before it that was not lost. */
export function standing({ states }: Timeline, floor: number): number {
  let index = floor;
  while (index > 0 && states[index]?.lostAtMs !== undefined) index--;
  return index;
}

function isAmong(line: Timeline, floor: number, { memberId, version }: State, asOfMs: number): boolean {
  const { states } = line;
  for (let index = standing(line, floor); index < states.length; index++) {
    const state = states[index];
    if ((state?.lostAtMs ?? Number.POSITIVE_INFINITY) < asOfMs) continue;
    if (state?.memberId === memberId && (memberId === null || state.version === version)) return true;
  }
  return false;
}

/** I6: a conflict is answered only if somebody did hold it, at some time between the request and the answer. */
export function conflictIsReal(
  truth: Truth,
  wanted: readonly CacheKey[],
  from: ReadonlyMap<CacheKey, number>,
): Violation | null {
  const isHeld = wanted.some((key) =>
    truth
      .timeline(key)
      .states.slice(from.get(key) ?? 0)
      .some(({ memberId }) => memberId !== null),
  );
  const names = wanted.map((key) => key.slice(2));
  return isHeld
    ? null
    : broken('I6', 'conflictIsReal', `${names.join(', ')} was refused as bound, and nobody holds it`, names);
}

/** I7: who was never frozen answers by the deadline, and a little for what is on its way. */
export function answersInTime(what: string, tookMs: number, deadlineMs: number): Violation | null {
  const slackMs = 100;
  if (tookMs <= deadlineMs + slackMs) return null;
  return broken('I7', 'answersInTime', `${what} took ${Math.round(tookMs)} ms of ${deadlineMs} ms`, []);
}

/** Nothing that the code itself takes for impossible may happen. */
export function nothingUnexpected(what: string, error: unknown): Violation {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return broken('I8', 'nothingUnexpected', `${what} threw ${text}`, []);
}
