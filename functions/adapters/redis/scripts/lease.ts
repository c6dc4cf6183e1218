import { script } from './script.ts';

/**
 * Grants the lease of a key, or tells that another token holds it, with the fence's version ('0' without a fence).
 * Asked again by its holder it is granted again, so that a lost answer costs nothing.
 *
 * Atomic about: marker, holder and fence are those of one moment. A lease granted beside a marker seen earlier could
 * be used in a Redis that came up empty since; a fence's version seen earlier would let an older value look enough.
 *
 * KEYS: ready, fence, lease. ARGV: token, milliseconds.
 */
export const lease = script(`
if redis.call('EXISTS', KEYS[1]) == 0 then return { 'not-ready', '0' } end
local note = redis.call('GET', KEYS[2])
local version = note and string.match(note, '^%d+') or '0'
local holder = redis.call('GET', KEYS[3])
if holder and holder ~= ARGV[1] then return { 'filling', version } end
redis.call('SET', KEYS[3], ARGV[1], 'PX', ARGV[2])
return { 'granted', version }
`);
