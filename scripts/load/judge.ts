/**
 * Judges answers by the client's own record. The rule is that of a regular register: a read shows the last write that
 * was acknowledged before it began, or any that was in flight while it ran. How much that rules out depends on what the
 * answer says of itself:
 *
 *   fresh    everything acknowledged before the read began must be in it
 *   bounded  everything acknowledged more than its age before the read began
 *   stale    nothing; but it must be something that the member once was
 *
 * Whatever it says, a lookup never shows a member that does not hold the identifier.
 */
import type { Content, Field, MemberLog, Write, WriteRecord } from './record.ts';

export type Freshness =
  | { readonly kind: 'fresh' }
  | { readonly kind: 'bounded'; readonly ageMs: number }
  | { readonly kind: 'stale' };

export interface Found extends Content {
  readonly memberId: string;
  readonly version: number;
}

export interface ReadAnswer {
  readonly startMs: number;
  readonly endMs: number;
  readonly freshness: Freshness;
  /** Null: there is no such member. */
  readonly found: Found | null;
}

/**
 * `stale`: an older version than the answer may show. `missing`: nobody, where somebody must be found. `cancelled`: a
 * member that must be gone. `stranger`: a member that never held the identifier, or another one than asked for.
 * `not-held`: the member shown does not hold what it was found by. `content`: a version that the member never had.
 */
export type Fault = 'stale' | 'missing' | 'cancelled' | 'stranger' | 'not-held' | 'content';

export type Verdict =
  | { readonly kind: 'right' }
  | { readonly kind: 'wrong'; readonly fault: Fault; readonly detail: string };

const right: Verdict = { kind: 'right' };
const wrong = (fault: Fault, detail: string): Verdict => ({ kind: 'wrong', fault, detail });

export function judgeMember(log: MemberLog, answer: ReadAnswer): Verdict {
  const { found } = answer;
  if (found === null) return judgeNobody(log, answer, () => false);
  if (found.memberId !== log.memberId)
    return wrong('stranger', `${found.memberId} instead of ${log.memberId}`);
  return judgeFound(log, found, answer);
}

export function judgeLookup(record: WriteRecord, field: Field, value: string, answer: ReadAnswer): Verdict {
  const { found } = answer;
  const holders = record.holdersOf(field, value);
  const holds = (content: Content): boolean => content.holdings[field] === value;
  if (found === null) {
    const verdicts = holders.map((log) => judgeNobody(log, answer, (content) => !holds(content)));
    return verdicts.find(({ kind }) => kind === 'wrong') ?? right;
  }
  const where = `${found.memberId} at ${found.version}`;
  if (!holds(found)) return wrong('not-held', `${where} for ${field}`);
  const log = record.byId(found.memberId);
  if (log)
    return holders.includes(log)
      ? judgeFound(log, found, answer)
      : wrong('stranger', `${where} for ${field}`);
  // A registration whose own answer is still under way has no id yet.
  const registering = holders.filter(({ memberId }) => memberId === null);
  const isOne = registering.some(({ writes }) => writes.some(({ after }) => isSame(after, found)));
  return isOne ? right : wrong('stranger', `${where} for ${field}`);
}

/** The writes that the answer may show: the last that it must have seen, if any, and those that ran beside it. */
function admissible(
  log: MemberLog,
  { startMs, endMs, freshness }: ReadAnswer,
): { settled: Write | undefined; writes: readonly Write[] } {
  const asOfMs = {
    fresh: startMs,
    bounded: startMs - (freshness.kind === 'bounded' ? freshness.ageMs : 0),
    stale: -Infinity,
  }[freshness.kind];
  const last = log.writes.findLastIndex((write) => write.endMs !== null && write.endMs < asOfMs);
  return {
    settled: log.writes[last],
    writes: log.writes.slice(Math.max(0, last)).filter((write) => write.startMs <= endMs),
  };
}

function judgeFound(log: MemberLog, found: Found, answer: ReadAnswer): Verdict {
  const { settled, writes } = admissible(log, answer);
  const where = `${found.memberId} at ${found.version}`;
  if (settled && found.version < (settled.version ?? 0)) {
    return wrong(
      settled.after === null ? 'cancelled' : 'stale',
      `${where}, which is before ${settled.version}`,
    );
  }
  if (settled?.after === null) return wrong('cancelled', where);
  const known = writes.find((write) => write.version === found.version);
  if (known) return isSame(known.after, found) ? right : wrong('content', where);
  const isInFlight = writes.some((write) => write.version === null && isSame(write.after, found));
  return isInFlight ? right : wrong('content', `${where}, a version it never had`);
}

/** @param isAway whether a lookup rightly finds nobody while the member is like this */
function judgeNobody(log: MemberLog, answer: ReadAnswer, isAway: (content: Content) => boolean): Verdict {
  const { settled, writes } = admissible(log, answer);
  if (settled === undefined) return right;
  if (writes.some(({ after }) => after === null || isAway(after))) return right;
  return wrong('missing', `${log.memberId} at ${settled.version}`);
}

export function isSame(one: Content | null, other: Content): boolean {
  if (one === null || one.name !== other.name || one.level !== other.level) return false;
  const fields = Object.keys(one.holdings);
  return (
    fields.length === Object.keys(other.holdings).length &&
    fields.every((field) => one.holdings[field] === other.holdings[field])
  );
}
