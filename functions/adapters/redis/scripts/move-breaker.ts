import { composeState } from './put-state.ts';
import { script } from './script.ts';

/**
 * Puts where a breaker stands into the state; answers 1, or 0 when a newer version than was seen stands there.
 *
 * Atomic about: the version that stands at the moment of the move, and the state that is made of it. Of two that saw the
 * same position and move on from it, the second would otherwise take back what the first has done: two would probe.
 *
 * KEYS: topology, revoked, state, breakers. ARGV: name, the version seen, the position's JSON.
 */
export const moveBreaker = script(`${composeState}
local stands = redis.call('HGET', KEYS[4], ARGV[1])
if stands and tonumber(string.match(stands, '"version":(%d+)')) > tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[4], ARGV[1], ARGV[3])
compose(KEYS[1], KEYS[2], KEYS[3], KEYS[4])
return 1
`);
