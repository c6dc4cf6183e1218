/**
 * Rendezvous (highest random weight) hashing: spreads keys over names evenly. When a name is added it takes its share
 * from each of the others, and no other key moves; when one goes, only its own keys move.
 *
 * Every process must pick the same, today and after every deployment: changing the hash moves nearly all keys.
 */
import { invariant } from '../kernel/invariant.ts';

/** The name that `key` lives under. The order of `names` does not matter. */
export function pick(names: readonly string[], key: string): string {
  const keyHash = fnv1a(key);
  let best: string | undefined;
  let bestWeight = -1;
  for (const name of names) {
    const weight = mix(keyHash ^ mix(fnv1a(name)));
    if (best === undefined || weight > bestWeight || (weight === bestWeight && name < best)) {
      best = name;
      bestWeight = weight;
    }
  }
  invariant(best !== undefined, 'nothing to pick from');
  return best;
}

/** FNV-1a, 32 bits, over UTF-16 code units. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}

/** MurmurHash3's 32-bit finalizer: each bit of the input changes half of the bits of the output. */
function mix(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
