/** Callers: who may ask, on which lane, and why. A caller is known by a key, of which only a hash is kept. */

/** `critical` is the order path. A property of the caller's registration. */
export type Lane = 'critical' | 'marketing';

export interface Caller {
  readonly name: string;
  readonly owner: string;
  readonly purpose: string;
  readonly lane: Lane;
  readonly state: 'active' | 'disabled';
  /** Hashes of its live keys, at most two, so that a key can be rotated without a gap. */
  readonly keyHashes: readonly string[];
}

export type Admission =
  | { readonly kind: 'admitted'; readonly caller: Caller }
  | { readonly kind: 'unknown-key' }
  | { readonly kind: 'disabled' }
  | { readonly kind: 'wrong-lane' };

/** Whether the holder of a key may use `lane`. */
export function admit(caller: Caller | null, lane: Lane): Admission {
  if (caller === null) return { kind: 'unknown-key' };
  if (caller.state === 'disabled') return { kind: 'disabled' };
  if (caller.lane !== lane) return { kind: 'wrong-lane' };
  return { kind: 'admitted', caller };
}
