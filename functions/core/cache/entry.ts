/** The stored form of a cache entry: a format number, the version, and the sealed member or "nobody". */
import { SealBroken } from '../member/errors.ts';
import type { Member, StoredMember } from '../member/member.ts';
import type { Sealer } from '../member/ports.ts';
import type { Target } from './find.ts';

/** A member (as stored, and opened), or nobody, at a version. A version of null may be answered once, but never cached. */
export interface Entry {
  readonly found: { readonly stored: StoredMember; readonly member: Member } | null;
  readonly version: number | null;
}

interface StoredEntry {
  readonly format: 1;
  readonly version: number;
  readonly member: StoredMember | null;
}

export function entryOf(stored: StoredMember | null, version: number): string {
  return JSON.stringify({ format: 1, version, member: stored } satisfies StoredEntry);
}

/**
 * Opens an entry that was cached under the target's key; null when it is of another format, or (damaged, or put
 * there by hand) does not answer the target: then it counts as a miss.
 */
export function openEntry(text: string, target: Target, sealer: Sealer): Entry | null {
  try {
    return openWhole(text, target, sealer);
  } catch (error) {
    if (error instanceof SealBroken || error instanceof SyntaxError) return null;
    throw error;
  }
}

function openWhole(text: string, target: Target, sealer: Sealer): Entry | null {
  const { format, version, member: stored } = JSON.parse(text) as StoredEntry;
  if (format !== 1) return null;
  if (stored === null) return { found: null, version };
  const member = sealer.open(stored);
  const answers =
    target.kind === 'member'
      ? member.memberId === target.memberId
      : member.holdings.some((held) => held.key === target.key);
  return answers ? { found: { stored, member }, version } : null;
}
