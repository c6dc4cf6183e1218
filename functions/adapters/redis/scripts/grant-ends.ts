import { script } from './script.ts';

/**
 * The clock of this Redis, as TIME tells it, and the last end of each grant.
 *
 * Atomic about: the ends belong to that reading of the clock. A renewal in between would make an age look negative.
 *
 * KEYS: last ends of grants.
 */
export const grantEnds = script(`
return { redis.call('TIME'), redis.call('MGET', unpack(KEYS)) }
`);
