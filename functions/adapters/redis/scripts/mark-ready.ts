import { script } from './script.ts';

/**
 * Writes the ready marker; answers 1, or 0 when the nonce is gone.
 *
 * Atomic about: the nonce stands at the moment of marking: this Redis has not come up empty since the snapshot that
 * was taken under it. The nonce stays, so that marking again says the same.
 *
 * KEYS: ready, nonce. ARGV: nonce.
 */
export const markReady = script(`
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], '1')
return 1
`);
