import { script } from './script.ts';

/**
 * Publishes a grant until a moment of this Redis's clock, and notes that moment without an end.
 *
 * Atomic about: the grant and the note of its end, which only ever moves on. A publication that was overtaken by a
 * later one changes nothing.
 *
 * KEYS: grant, its last end. ARGV: the end in milliseconds since 1970.
 */
export const publishGrant = script(`
local last = redis.call('GET', KEYS[2])
if last and tonumber(last) > tonumber(ARGV[1]) then return 0 end
redis.call('SET', KEYS[2], ARGV[1])
redis.call('SET', KEYS[1], '1', 'PXAT', ARGV[1])
return 1
`);
