import { script } from './script.ts';

/**
 * Gives a lease back.
 *
 * Atomic about: it goes only while this token holds it. Comparing first and deleting later would delete the lease of
 * whoever got it in between, and so let two fill.
 *
 * KEYS: lease. ARGV: token.
 */
export const release = script(`
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1
`);
