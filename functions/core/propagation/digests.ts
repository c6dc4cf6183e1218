/**
 * Digests: how two stores are compared without sending either to the other. The members, and the identifiers that are
 * bound, of a slot are told apart by a hash of their id into parts; a part's digest is how many there are, and the sum of a
 * mark of each. Of the parts that differ the ids are listed, and of the ids that differ the things are looked at.
 *
 * A mark is of the id and its stamp: of a member its version, of an identifier the token it is bound by. Either names one
 * content for ever, whatever happened to it on the way. Free identifiers are not compared: nobody is found by them, and a
 * claim that was given back moves their rows' versions without a change.
 *
 * It must come out the same in SQL, in the documents of search, and here; it is against accidents, not against malice.
 */
import type { Deadline } from '../kernel/clock.ts';

export const digestKinds = ['members', 'identifiers'] as const;
export type DigestKind = (typeof digestKinds)[number];

/** So many a slot: with a million members in it, some 16,000 ids are listed to find one. */
export const partsCount = 64;

/** The most slots that are asked for at once. */
export const digestSlotsMax = 64;

/** The most ids that are listed at once. */
export const pairsMax = 100_000;

export interface Digest {
  readonly count: number;
  /** Of 32-bit marks: exact as long as there are less than two million. */
  readonly sum: number;
}

/** What can be compared: the writers, a replica, a search cluster. */
export interface DigestSource {
  readonly name: string;
  /** Of each slot, in order, the digest of each of its parts. */
  digests(
    kind: DigestKind,
    slots: readonly number[],
    deadline: Deadline,
  ): Promise<readonly (readonly Digest[])[]>;
  /** The ids of these parts with their stamps: at most {@link digestSlotsMax} slots, and {@link pairsMax} ids. */
  pairs(
    kind: DigestKind,
    parts: readonly SlotParts[],
    deadline: Deadline,
  ): Promise<ReadonlyMap<string, string>>;
}

/** Some parts of a slot. */
export interface SlotParts {
  readonly slot: number;
  readonly parts: readonly number[];
}

export interface DifferingPart {
  readonly slot: number;
  readonly part: number;
  /** How many ids there are to list, in the store that has more. */
  readonly count: number;
}

/** The parts of these slots in which two stores differ; at most {@link digestSlotsMax} slots. */
export async function differingParts(
  one: DigestSource,
  other: DigestSource,
  kind: DigestKind,
  slots: readonly number[],
  deadline: Deadline,
): Promise<readonly DifferingPart[]> {
  const [ones, others] = await Promise.all([
    one.digests(kind, slots, deadline),
    other.digests(kind, slots, deadline),
  ]);
  return slots.flatMap((slot, index) => {
    if (ones[index] === others[index]) return [];
    return Array.from({ length: partsCount }, (_, part) => {
      const [own, its] = [ones[index]?.[part], others[index]?.[part]];
      return { slot, part, isSame: isSame(own, its), count: Math.max(own?.count ?? 0, its?.count ?? 0) };
    })
      .filter((one) => !one.isSame)
      .map(({ part, count }) => ({ slot, part, count }));
  });
}

/** How many ids are listed at once: a part alone may have more. */
const listedMax = 4_000;

/** The ids of these parts that one of the two lacks, or has otherwise. */
export async function differingIds(
  one: DigestSource,
  other: DigestSource,
  kind: DigestKind,
  differing: readonly DifferingPart[],
  deadline: Deadline,
): Promise<readonly string[]> {
  const found: string[] = [];
  for (let left = [...differing]; left.length > 0; ) {
    let listed = 0;
    let taken = 0;
    while (taken < left.length && (taken === 0 || listed + (left[taken]?.count ?? 0) <= listedMax))
      listed += left[taken++]?.count ?? 0;
    const parts = bySlot(left.slice(0, taken));
    left = left.slice(taken);
    const [ones, others] = await Promise.all([
      one.pairs(kind, parts, deadline),
      other.pairs(kind, parts, deadline),
    ]);
    for (const id of new Set([...ones.keys(), ...others.keys()]))
      if (ones.get(id) !== others.get(id)) found.push(id);
  }
  return found;
}

function bySlot(parts: readonly DifferingPart[]): readonly SlotParts[] {
  const slots = new Map<number, number[]>();
  for (const { slot, part } of parts) {
    const mine = slots.get(slot);
    if (mine) mine.push(part);
    else slots.set(slot, [part]);
  }
  return [...slots].map(([slot, its]) => ({ slot, parts: its }));
}

const ofNothing: readonly Digest[] = Array.from({ length: partsCount }, () => ({ count: 0, sum: 0 }));

/** The digests of the parts of a slot that has these. */
export function digestsOf(pairs: Iterable<readonly [string, string]>): readonly Digest[] {
  const [first] = pairs;
  if (first === undefined) return ofNothing;
  const digests = Array.from({ length: partsCount }, () => ({ count: 0, sum: 0 }));
  for (const [id, stamp] of pairs) {
    const digest = digests[partOf(id)];
    if (!digest) continue;
    digest.count++;
    digest.sum += markOf(id, stamp);
  }
  return digests;
}

/** Which part of its slot an id is in: in SQL, `CRC32(id) & 63`. */
export const partOf = (id: string): number => crc32(id) & (partsCount - 1);

/**
 * In SQL, `CRC32(CONCAT(id, ' ', stamp, ' ', CRC32(CONCAT(id, ' ', stamp))))`. Once more over its own decimal digits,
 * because CRC alone is linear: two members behind by the same step could cancel each other out.
 */
export function markOf(id: string, stamp: string): number {
  const text = `${id} ${stamp}`;
  return crc32(`${text} ${crc32(text)}`);
}

const isSame = (one: Digest | undefined, other: Digest | undefined): boolean =>
  one?.count === other?.count && one?.sum === other?.sum;

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = (value & 1) === 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** CRC-32 as in zip files and MySQL, of a text in ASCII. */
function crc32(text: string): number {
  let crc = 0xffffffff;
  for (let at = 0; at < text.length; at++)
    crc = (table[(crc ^ text.charCodeAt(at)) & 0xff] as number) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}
