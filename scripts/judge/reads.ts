/**
 * Reads are judged one by one, as of a regular register: a read shows the last write that was acknowledged before it began,
 * or one that was under way while it ran. How much that rules out is what the answer says of itself (I4): `fresh`, all
 * that was acknowledged before its start; `bounded`, all that was older than its age; `stale`, nothing. And whatever it
 * says, it shows nothing that was never written, and nobody who never held the identifier (I2).
 */
import type { HistoryEntry, HistoryIdentifier } from './history.ts';
import type { Request } from './requests.ts';
import { type Fault, fault } from './verdict.ts';

export interface Writes {
  /** What was done, or may have been, for a member: newest version last, unknown ones without an order. */
  readonly of: (memberId: string) => readonly Request[];
  /** Registrations that nobody knows the outcome of: any member without one may be theirs. */
  readonly nameless: readonly Request[];
  readonly takesOf: (identifier: HistoryIdentifier) => readonly Request[];
  /** Whether the member was registered in this history. */
  readonly isKnown: (memberId: string) => boolean;
  readonly isFromEmpty: boolean;
}

const nsPerMs = 1e6;

export function judgeRead(writes: Writes, entry: HistoryEntry): Fault | null {
  const { op, status, freshness } = entry;
  if (status === 'timeout' || (status !== 200 && status !== 404) || freshness === null) return null;
  const asOf = {
    fresh: entry.start,
    bounded: entry.ageMs === undefined ? -Infinity : entry.start - entry.ageMs * nsPerMs,
    stale: -Infinity,
  }[freshness];
  const [mine, missing] = op === 'get' ? [memberFound, memberMissing] : [identifierFound, identifierMissing];
  return status === 200 ? mine(writes, entry, asOf) : missing(writes, entry, asOf);
}

/** The request that had made the newest state by a moment. */
function newestBefore(requests: readonly Request[], asOf: number): Request | null {
  const done = requests.filter(({ version, end }) => version !== null && end < asOf);
  return done.reduce<Request | null>(
    (newest, one) => ((newest?.version ?? 0) < (one.version ?? 0) ? one : newest),
    null,
  );
}

/** All that may be about a member: registrations of unknown outcome too, if none of it is known. */
const about = ({ of, nameless, isKnown }: Writes, memberId: string): readonly Request[] =>
  isKnown(memberId) ? of(memberId) : [...of(memberId), ...nameless];

/** The member that was answered is one that was written so, and none older than what the answer must have seen. */
function memberFound(writes: Writes, entry: HistoryEntry, asOf: number): Fault | null {
  const { memberId, version } = entry;
  if (memberId === null || version === null) return null;
  const all = about(writes, memberId).filter(({ start }) => start < entry.end);
  const written = all.find((request) => request.version === version);
  const isWritten = written !== undefined || all.some(({ kind }) => kind === 'unknown');
  if (!isWritten && (writes.isKnown(memberId) || writes.isFromEmpty))
    return fault('I2', 'nothingInvented', `${memberId} was answered at ${version}, which nobody wrote`, [
      entry,
    ]);
  if (written?.op === 'cancel')
    return fault('I2', 'nothingInvented', `${memberId} was answered at ${version}, where it is cancelled`, [
      written.entry,
      entry,
    ]);
  const newest = newestBefore(all, asOf);
  if (newest === null || version >= (newest.version ?? 0)) return null;
  const message = `${memberId} was answered ${entry.freshness} at ${version}; acknowledged before was ${newest.version}`;
  return fault('I4', 'noSilentStaleness', message, [newest.entry, entry]);
}

function memberMissing(writes: Writes, entry: HistoryEntry, asOf: number): Fault | null {
  const all = writes.of(entry.memberId ?? '').filter(({ start }) => start < entry.end);
  const newest = newestBefore(all, asOf);
  if (newest === null || all.some(({ op }) => op === 'cancel')) return null;
  const message = `${entry.memberId} was answered ${entry.freshness} with nobody; ${newest.version} had been acknowledged`;
  return fault('I4', 'noSilentStaleness', message, [newest.entry, entry]);
}

const frees = ({ op, field }: Request, kind: string): boolean =>
  op === 'cancel' || (op === 'unbind' && field === kind);

function identifierFound(writes: Writes, entry: HistoryEntry, asOf: number): Fault | null {
  const { identifier, memberId, version } = entry;
  if (!identifier || memberId === null || version === null) return null;
  const name = `${identifier.kind} ${identifier.hash}`;
  const takes = writes.takesOf(identifier).filter(({ start }) => start < entry.end);
  const isTheirs = (take: Request): boolean =>
    take.memberId === memberId || (take.memberId === null && !writes.isKnown(memberId));
  const mine = takes.filter(isTheirs);
  const mayHaveHeldBefore = !writes.isFromEmpty && !writes.isKnown(memberId);
  if (mine.length === 0 && !mayHaveHeldBefore)
    return fault('I2', 'noStranger', `${name} was answered with ${memberId}, which never took it`, [entry]);
  const wrong = memberFound(writes, entry, asOf);
  if (wrong) return wrong;

  // At that version it must hold it: one taking since which nothing has freed it.
  const freed = writes.of(memberId).filter((one) => one.version !== null && frees(one, identifier.kind));
  const stands = (take: Request): boolean =>
    take.version === null ||
    (take.version <= version &&
      !freed.some((one) => (one.version ?? 0) > (take.version ?? 0) && (one.version ?? 0) <= version));
  if (!mayHaveHeldBefore && !mine.some(stands))
    return fault(
      'I2',
      'noStranger',
      `${name} was answered with ${memberId} at ${version}, where it does not hold it`,
      [entry],
    );

  const newest = newestBefore(takes, asOf);
  if (newest === null || isTheirs(newest)) return null;
  if (mine.some((take) => take.version === null || take.version > (newest.version ?? 0))) return null;
  const message = `${name} was answered ${entry.freshness} with ${memberId}; ${newest.memberId} had been acknowledged as its owner`;
  return fault('I4', 'noSilentStaleness', message, [newest.entry, entry]);
}

function identifierMissing(writes: Writes, entry: HistoryEntry, asOf: number): Fault | null {
  const { identifier } = entry;
  if (!identifier) return null;
  const newest = newestBefore(writes.takesOf(identifier), asOf);
  if (newest === null) return null;
  const mayBeFreed = writes
    .of(newest.memberId ?? '')
    .some(
      (one) =>
        frees(one, identifier.kind) &&
        one.start < entry.end &&
        (one.version === null || one.version > (newest.version ?? 0)),
    );
  if (mayBeFreed) return null;
  const name = `${identifier.kind} ${identifier.hash}`;
  const message = `${name} was answered ${entry.freshness} with nobody; ${newest.memberId} had been acknowledged as its owner`;
  return fault('I4', 'noSilentStaleness', message, [newest.entry, entry]);
}
