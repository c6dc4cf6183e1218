import { script } from './script.ts';

/**
 * Stores a value, and with that ends the lease; answers 1, or 0 when refused.
 *
 * Atomic about: at the moment of the write the token still holds the lease (no fence came since it was granted, and
 * nobody else fills) *and* no fence stands above the value's version.
 *
 * KEYS: lease, fence, value. ARGV: token, version, value, milliseconds.
 */
export const fill = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
local note = redis.call('GET', KEYS[2])
if note and tonumber(string.match(note, '^%d+')) > tonumber(ARGV[2]) then return 0 end
redis.call('SET', KEYS[3], ARGV[3], 'PX', ARGV[4])
redis.call('DEL', KEYS[1])
return 1
`);
