import { randomBytes } from 'node:crypto';
import type { Random } from '../../core/kernel/ids.ts';

/** The randomness of this machine; its bytes are fit for keys. */
export function makeSystemRandom(): Random {
  return { bytes: (length) => randomBytes(length), fraction: () => Math.random() };
}
