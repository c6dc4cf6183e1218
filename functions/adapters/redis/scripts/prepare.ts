import { script } from './script.ts';

/**
 * Puts a nonce where there is neither nonce nor marker.
 *
 * Atomic about: both are absent when it is put. Else the nonce of a slow relay could replace the one that another's
 * snapshot was taken under, or stand ready to mark a Redis that has come up empty since.
 *
 * KEYS: ready, nonce. ARGV: nonce.
 */
export const prepare = script(`
if redis.call('EXISTS', KEYS[1], KEYS[2]) == 0 then redis.call('SET', KEYS[2], ARGV[1]) end
return 1
`);
