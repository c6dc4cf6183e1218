import { script } from './script.ts';

/**
 * One page of the fences without an end: the next cursor, then key and note of each. What stands throughout a walk
 * is found; what is put or ended during it may or may not be.
 *
 * Atomic about: a fence's note and its having no end belong together.
 *
 * ARGV: cursor, pattern, how many keys to look at.
 */
export const openFences = script(`
local page = redis.call('SCAN', ARGV[1], 'MATCH', ARGV[2], 'COUNT', ARGV[3])
local found = {}
for _, key in ipairs(page[2]) do
  if redis.call('PTTL', key) == -1 then
    found[#found + 1] = key
    found[#found + 1] = redis.call('GET', key)
  end
end
return { page[1], found }
`);
