/**
 * A member: one person, with the identifiers that find it. This file is the types and the pure decisions; the flows
 * that carry them out are `register-member.ts` and `change-member.ts`.
 *
 *   (absent) --register--> active --update | bind | unbind--> active --cancel--> cancelled (a tombstone, for ever)
 */
import type { IdentifierKey, Token } from '../directory/directory.ts';
import { fieldOf, type Identifier, type IdentifierField } from './identifiers.ts';

/**
 * An identifier as its member holds it: with the directory key, and the token that its directory row must carry. While
 * the hash key is rotated, a member has two holdings of an identifier, one a version of the key.
 */
export interface Holding {
  readonly identifier: Identifier;
  readonly key: IdentifierKey;
  readonly token: Token;
}

/** The whole relationship: what is sealed into every store, and what a lookup answers. */
export interface Member {
  readonly memberId: string;
  readonly version: number;
  readonly status: 'active' | 'cancelled';
  /** Empty once cancelled: tombstones hold no personal data. */
  readonly name: string;
  readonly level: number;
  readonly holdings: readonly Holding[];
  /** ISO 8601, UTC, milliseconds. */
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** A member as stored: readable by who has the keyring, with what must be compared without opening it. */
export interface StoredMember {
  readonly memberId: string;
  readonly version: number;
  readonly status: Member['status'];
  /** The sealed {@link Member}; see `Sealer`. */
  readonly sealed: string;
}

/** What a caller gets for an acknowledged write. */
export interface Receipt {
  readonly memberId: string;
  readonly version: number;
  readonly epoch: number;
  readonly durability: 'both-centres' | 'one-centre';
}

/** Whether `member` holds the identifier `key` with exactly `token`: the second half of I2. */
export function holds(member: Member | null, key: IdentifierKey, token: Token): boolean {
  return (
    member?.status === 'active' && member.holdings.some((held) => held.key === key && held.token === token)
  );
}

/** The member's holdings of the identifier in `field`; none if it has none there. */
export function holdingsIn(member: Member, field: IdentifierField): readonly Holding[] {
  return member.holdings.filter((held) => fieldOf(held.identifier) === field);
}

/** The member's identifiers, each once. */
export function identifiersOf(member: Member): readonly Identifier[] {
  const byField = new Map(member.holdings.map(({ identifier }) => [fieldOf(identifier), identifier]));
  return [...byField.values()];
}

/** What a caller may change of a member without touching its identifiers. `level` is 0 to 99. */
export interface Profile {
  readonly name?: string | undefined;
  readonly level?: number | undefined;
}

/** A decided change: the member after it (its `version` still the old one), what it took and what it freed. */
export interface Change {
  readonly operation: 'register' | 'update' | 'bind' | 'unbind' | 'cancel' | 'refresh';
  readonly before: Member | null;
  readonly after: Member;
  readonly taken: readonly Holding[];
  readonly freed: readonly Holding[];
}

export function decideRegister(
  memberId: string,
  name: string,
  holdings: readonly Holding[],
  nowIso: string,
): Change {
  const after: Member = {
    memberId,
    version: 0,
    status: 'active',
    name,
    level: 0,
    holdings,
    createdAt: nowIso,
    updatedAt: nowIso,
  };
  return { operation: 'register', before: null, after, taken: holdings, freed: [] };
}

export function decideUpdate(before: Member, profile: Profile, nowIso: string): Change {
  const after = {
    ...before,
    name: profile.name ?? before.name,
    level: profile.level ?? before.level,
    updatedAt: nowIso,
  };
  return { operation: 'update', before, after, taken: [], freed: [] };
}

/**
 * Binds an identifier, under each of its keys, into its field, which must be empty: what stands there is unbound first,
 * by its own request.
 */
export function decideBind(before: Member, taken: readonly Holding[], nowIso: string): Change {
  const after = { ...before, holdings: [...before.holdings, ...taken], updatedAt: nowIso };
  return { operation: 'bind', before, after, taken, freed: [] };
}

export function decideUnbind(before: Member, freed: readonly Holding[], nowIso: string): Change {
  const after = { ...before, holdings: without(before.holdings, freed), updatedAt: nowIso };
  return { operation: 'unbind', before, after, taken: [], freed };
}

/** Ends the member: every identifier is freed and every personal datum goes; the version stays, for ever. */
export function decideCancel(before: Member, nowIso: string): Change {
  const after: Member = {
    ...before,
    status: 'cancelled',
    name: '',
    level: 0,
    holdings: [],
    updatedAt: nowIso,
  };
  return { operation: 'cancel', before, after, taken: [], freed: before.holdings };
}

/**
 * Writes the member down again as it is, under other keys: what callers see, `updatedAt` included, stays. Cancelled
 * members too.
 */
export function decideRefresh(before: Member, taken: readonly Holding[], freed: readonly Holding[]): Change {
  const after = { ...before, holdings: [...without(before.holdings, freed), ...taken] };
  return { operation: 'refresh', before, after, taken, freed };
}

const without = (holdings: readonly Holding[], freed: readonly Holding[]): readonly Holding[] =>
  holdings.filter((held) => !freed.includes(held));
