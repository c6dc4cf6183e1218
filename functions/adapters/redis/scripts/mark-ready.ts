import { script } from './script.ts';

/**
 * Writes the ready marker, with the epoch; answers 1, or 0 when the nonce is gone.
 *
 * Atomic about: the nonce stands at the moment of marking: this Redis has not come up empty since the snapshot that
 * was taken under it. The nonce stays, so that marking again says the same; and a marker of a newer epoch stays, too.
 *
 * KEYS: ready, nonce. ARGV: nonce, epoch.
 */
export const markReady = script(`
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
local epoch = redis.call('GET', KEYS[1])
if not epoch or tonumber(epoch) < tonumber(ARGV[2]) then redis.call('SET', KEYS[1], ARGV[2]) end
return 1
`);
