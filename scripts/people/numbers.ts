/**
 * Numbers that people have, unique by construction: an index goes to a number by a way that can be gone back, and each
 * seed has a part of the numbers to itself.
 */

/** So many people a seed has at most. */
export const peopleMax = 100_000_000;
/** Seeds 0 to 69: there are no more believable phone numbers than for these. */
export const seedMax = 69;

const phones = 7_000_000_000n;
const cardsOfSeed = 10_000_000_000n;
/** Has no factor in common with either. */
const stride = 3_141_592_653n;

/** In E.164. Chinese mobile numbers are 1, 3 to 9, then nine digits. Every seventh English one is British, others American. */
export function phoneOf(seed: number, index: number, isChinese: boolean): string {
  const at = (BigInt(seed * peopleMax + index) * stride) % phones;
  const number = String(at).padStart(10, '0');
  if (isChinese) return `+861${at + 3_000_000_000n}`;
  return at < 1_000_000_000n ? `+447${number.slice(1)}` : `+1${at + 1_000_000_000n}`;
}

/** Of an eLong card: 18 digits. */
export function cardNoOf(seed: number, index: number): string {
  const at = (BigInt(index) * stride) % cardsOfSeed;
  return `628${String(seed).padStart(5, '0')}${String(at).padStart(10, '0')}`;
}
