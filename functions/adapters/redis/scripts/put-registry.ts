import { script } from './script.ts';

/**
 * Puts a copy of the registry of callers, behind the moment of this Redis's clock.
 *
 * Atomic about: the moment belongs to the copy. Put apart, an old copy could look as if it had just been read.
 *
 * KEYS: registry. ARGV: its text.
 */
export const putRegistry = script(`
local time = redis.call('TIME')
redis.call('SET', KEYS[1], time[1] .. ' ' .. ARGV[1])
return 1
`);
