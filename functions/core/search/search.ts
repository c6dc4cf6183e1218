/**
 * Search: the copy of all members that reads are served from, so that the order path does not lean on the database.
 * A cluster keeps one document a member and one an identifier, each found by its id and routed by it:
 *
 *   identifier: (absent) --bind--> bound --unbind--> free (a tombstone, for ever) --bind--> bound ...
 *   member:     (absent) --register--> active --change--> active --cancel--> cancelled (a tombstone, for ever)
 *
 * A document moves only forward: each put carries the change's version as an external version, and what is already
 * as new is left alone. So puts may come twice, late and in any order; and tombstones must stay, since an absent
 * document would take any version, however old.
 *
 * Which lookup is what, and why:
 * - By identifier, and by member: real-time gets by id, two of them for a lookup. A get sees every acknowledged put
 *   (it reads the translog where it must), so no refresh interval stands between a write and a read; and it asks the
 *   one shard that its routing names.
 * - Searches see a put only after the next refresh. Nothing on the order path may use one: they are for operators'
 *   questions (by `memberId`, `state`, `status`), which can wait for it.
 *
 * An identifier's document alone proves nothing: as with the directory's rows, the member's own document must hold
 * the identifier with the same token (I2). The two are put together but not atomically, and need not be.
 */
import type { IdentifierKey, Token } from '../directory/directory.ts';
import type { StoredMember } from '../member/member.ts';
import type { IdentifierEntry } from '../member/ports.ts';
import type { MemberEvent } from '../propagation/event.ts';

export interface MemberDocument {
  readonly format: 1;
  readonly memberId: string;
  readonly version: number;
  readonly status: StoredMember['status'];
  readonly sealed: string;
}

/** A free identifier's is a tombstone: it says since which version, and nothing of whom. */
export type IdentifierDocument =
  | {
      readonly format: 1;
      readonly state: 'bound';
      readonly memberId: string;
      readonly token: Token;
      readonly version: number;
    }
  | { readonly format: 1; readonly state: 'free'; readonly version: number };

/** A document with where it goes. `id` is its routing too. */
export type SearchDocument =
  | { readonly index: 'members'; readonly id: string; readonly document: MemberDocument }
  | { readonly index: 'identifiers'; readonly id: IdentifierKey; readonly document: IdentifierDocument };

/**
 * The documents that an event asks for: its member's, and those of its identifiers.
 * @param which `changed`: what the change bound or freed. `all`: also those it left as they were, for a resync
 *   towards a cluster that may lack them.
 */
export function documentsOf(
  event: MemberEvent,
  which: 'changed' | 'all' = 'changed',
): readonly SearchDocument[] {
  const { memberId, version } = event;
  const documents = new Map<IdentifierKey, SearchDocument>();
  const bound = (key: IdentifierKey, token: Token): void => {
    const document = { format: 1, state: 'bound', memberId, token, version } as const;
    documents.set(key, { index: 'identifiers', id: key, document });
  };
  if (which === 'all') for (const { key, token } of event.identifiers) bound(key, token);
  for (const { key, token, to } of event.directory) {
    if (to === 'bound') bound(key, token);
    else
      documents.set(key, { index: 'identifiers', id: key, document: { format: 1, state: 'free', version } });
  }
  const { status, sealed } = event.member;
  return [
    { index: 'members', id: memberId, document: { format: 1, memberId, version, status, sealed } },
    ...documents.values(),
  ];
}

/** The member in a document that was found under `memberId`; undefined when it is not a document that this code wrote. */
export function storedMemberOf(memberId: string, found: unknown): StoredMember | undefined {
  const document = memberDocumentOf(memberId, found);
  if (!document) return undefined;
  const { version, status, sealed } = document;
  return { memberId, version, status, sealed };
}

/** The same as a document. */
export function memberDocumentOf(memberId: string, found: unknown): MemberDocument | undefined {
  if (!isDocument(found) || found.memberId !== memberId || typeof found.sealed !== 'string') return undefined;
  const { version, status, sealed } = found;
  if (status !== 'active' && status !== 'cancelled') return undefined;
  return { format: 1, memberId, version, status, sealed };
}

/** The entry in an identifier's document; undefined when it is not a document that this code wrote. */
export function identifierEntryOf(found: unknown): IdentifierEntry | undefined {
  const document = identifierDocumentOf(found);
  if (!document) return undefined;
  const { state, version } = document;
  if (document.state === 'free') return { state, memberId: '', token: '', version };
  return { state, memberId: document.memberId, token: document.token, version };
}

/** The same as a document. */
export function identifierDocumentOf(found: unknown): IdentifierDocument | undefined {
  if (!isDocument(found)) return undefined;
  const { state, memberId, token, version } = found;
  if (state === 'free') return { format: 1, state, version };
  if (state !== 'bound' || typeof memberId !== 'string' || typeof token !== 'string') return undefined;
  return { format: 1, state, memberId, token, version };
}

/** Whether what was found is exactly what is wanted. */
export function sameDocument(
  found: { readonly version: number } | null,
  wanted: MemberDocument | IdentifierDocument,
): boolean {
  const fields = found as Readonly<Record<string, unknown>> | null;
  return fields !== null && Object.entries(wanted).every(([name, value]) => fields[name] === value);
}

type Fields = Readonly<Record<string, unknown>> & { readonly version: number };

function isDocument(found: unknown): found is Fields {
  return (
    typeof found === 'object' &&
    found !== null &&
    'format' in found &&
    found.format === 1 &&
    'version' in found &&
    Number.isSafeInteger(found.version)
  );
}
