import { script } from './script.ts';

/**
 * Gives leases back.
 *
 * Atomic about, for each: it goes only while this token holds it. Comparing first and deleting later would delete the
 * lease of whoever got it in between, and so let two fill.
 *
 * KEYS: the leases. ARGV: token.
 */
export const release = script(`
for _, lease in ipairs(KEYS) do
  if redis.call('GET', lease) == ARGV[1] then redis.call('DEL', lease) end
end
return 1
`);
