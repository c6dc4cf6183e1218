import type { StoredMember } from '../../core/member/member.ts';
import type { IdentifierEntry } from '../../core/member/ports.ts';
import type { Row } from './database.ts';
import { integer, oneOf, text } from './rows.ts';

/** The member in a row of (member_id, version, status, sealed); null where a join found none. */
export function storedMemberOf(row: Row | undefined): StoredMember | null {
  if (!row || row.member_id === null) return null;
  return {
    memberId: text(row, 'member_id'),
    version: integer(row, 'version'),
    status: oneOf(row, 'status', ['active', 'cancelled']),
    sealed: text(row, 'sealed'),
  };
}

/** The directory's row in (state, token, member_id, version); null where a join found none. */
export function identifierEntryOf(row: Row | undefined): IdentifierEntry | null {
  if (!row || row.state === null) return null;
  return {
    state: oneOf(row, 'state', ['free', 'claimed', 'bound']),
    memberId: text(row, 'member_id'),
    token: text(row, 'token'),
    version: integer(row, 'version'),
  };
}
