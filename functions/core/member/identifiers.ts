/**
 * The kinds of identifier: the one list of what can find a member. To add a kind, add it here; validation, binding,
 * lookup, the directory and the search documents all follow.
 */
import type { IdentifierKey } from '../directory/directory.ts';

/** A value of a member's that finds it. `account` is a platform's own account; the others are one a member. */
export type Identifier =
  | { readonly kind: 'phone' | 'unionId' | 'cardNo'; readonly value: string }
  | { readonly kind: 'account'; readonly platform: string; readonly value: string };

export type IdentifierKind = Identifier['kind'];

/** What each kind's value looks like. `phone` is E.164, `unionId` WeChat's, `cardNo` the eLong card's number. */
export const identifierKinds: Readonly<
  Record<IdentifierKind, { readonly pattern: RegExp; readonly says: string }>
> = {
  phone: { pattern: /^\+[1-9]\d{6,14}$/, says: 'an E.164 number: + and 7 to 15 digits' },
  unionId: { pattern: /^[A-Za-z0-9._:-]{1,64}$/, says: '1 to 64 of A-Z a-z 0-9 . _ : -' },
  cardNo: { pattern: /^\d{6,20}$/, says: '6 to 20 digits' },
  account: { pattern: /^[A-Za-z0-9._:-]{1,64}$/, says: '1 to 64 of A-Z a-z 0-9 . _ : -' },
};

/**
 * Where in the member an identifier sits, and how the API names it: `phone`, `unionId`, `cardNo` or
 * `account:PLATFORM`. A member holds at most one identifier a field.
 */
export type IdentifierField = string;

export function fieldOf(identifier: Identifier): IdentifierField {
  return identifier.kind === 'account' ? `account:${identifier.platform}` : identifier.kind;
}

/** The text that names an identifier uniquely: what {@link IdentifierHasher} hashes. Personal data: never log or store it. */
export function canonical(identifier: Identifier): string {
  return `${fieldOf(identifier)}\u0000${identifier.value}`;
}

/** Turns identifiers into the keyed hashes under which directory, search and cache know them. */
export interface IdentifierHasher {
  /**
   * The identifier's keys, one a version of the hash key: the current one first. There are two while that key is
   * rotated. A write takes all of them, so that two processes conflict as long as they share one version.
   */
  keysOf(identifier: Identifier): readonly IdentifierKey[];
}
