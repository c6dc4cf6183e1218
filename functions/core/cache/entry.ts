/**
 * The stored form of a cache entry: a format number, the version, and the sealed member or "nobody". Format 2 is its
 * parts with blanks between, because every hit has to read it:
 *
 *     2 VERSION nobody
 *     2 VERSION MEMBERID STATUS SEALED
 *
 * Format 1 said the same as JSON. It is read for as long as entries of it may live.
 */
import { SealBroken } from '../member/errors.ts';
import type { Member, StoredMember } from '../member/member.ts';
import type { Sealer } from '../member/ports.ts';
import type { Target } from './find.ts';

/** A member (as stored, and opened), or nobody, at a version. A version of null may be answered once, but never cached. */
export interface Entry {
  readonly found: { readonly stored: StoredMember; readonly member: Member } | null;
  readonly version: number | null;
}

/** An entry as it stands in Redis, not opened. */
export interface StoredEntry {
  readonly version: number;
  readonly member: StoredMember | null;
}

/** @param version the member's own, if there is one. "nobody" is a word, so that half an entry never says it. */
export function entryOf(stored: StoredMember | null, version: number): string {
  return stored === null
    ? `2 ${version} ${nobody}`
    : `2 ${version} ${stored.memberId} ${stored.status} ${stored.sealed}`;
}

/**
 * Opens an entry that was cached under the target's key; null when it is of another format, or (damaged, or put
 * there by hand) does not answer the target: then it counts as a miss.
 */
export function openEntry(text: string, target: Target, sealer: Sealer): Entry | null {
  try {
    const entry = readEntry(text);
    return entry && openWhole(entry, target, sealer);
  } catch (error) {
    if (error instanceof SealBroken || error instanceof SyntaxError) return null;
    throw error;
  }
}

const nobody = 'nobody';

/** Null when it is of another format, or damaged. @throws SyntaxError as well when it is damaged */
export function readEntry(text: string): StoredEntry | null {
  if (text.startsWith('{')) return parseFormat1(text);
  if (!text.startsWith('2 ')) return null;
  const afterVersion = text.indexOf(' ', 2);
  const version = Number(text.slice(2, afterVersion));
  if (afterVersion === -1 || !Number.isSafeInteger(version)) return null;
  const afterId = text.indexOf(' ', afterVersion + 1);
  if (afterId === -1) return text.slice(afterVersion + 1) === nobody ? { version, member: null } : null;
  const afterStatus = text.indexOf(' ', afterId + 1);
  const status = text.slice(afterId + 1, afterStatus);
  if (status !== 'active' && status !== 'cancelled') return null;
  const memberId = text.slice(afterVersion + 1, afterId);
  return { version, member: { memberId, version, status, sealed: text.slice(afterStatus + 1) } };
}

function parseFormat1(text: string): StoredEntry | null {
  const { format, ...entry } = JSON.parse(text) as StoredEntry & { readonly format: number };
  return format === 1 ? entry : null;
}

function openWhole({ version, member: stored }: StoredEntry, target: Target, sealer: Sealer): Entry | null {
  if (stored === null) return { found: null, version };
  const member = sealer.open(stored);
  const answers =
    target.kind === 'member'
      ? member.memberId === target.memberId
      : member.holdings.some((held) => held.key === target.key);
  return answers ? { found: { stored, member }, version } : null;
}
