import { script } from './script.ts';

/**
 * The state is the centre's topology with the breakers and the revoked keys in it: a JSON object's text, to which they are
 * added as its last properties (of two properties of one name the last counts). Sorted, so that equal states have equal
 * texts.
 */
export const composeState = `
local function compose(topology, revoked, state, breakers)
  local text = redis.call('GET', topology)
  if not text then return end
  local names = redis.call('HKEYS', breakers)
  if #names > 0 then
    table.sort(names)
    local positions = {}
    for i, name in ipairs(names) do
      positions[i] = '"' .. name .. '":' .. redis.call('HGET', breakers, name)
    end
    text = string.sub(text, 1, -2) .. ',"breakers":{' .. table.concat(positions, ',') .. '}}'
  end
  local hashes = redis.call('SMEMBERS', revoked)
  if #hashes > 0 then
    table.sort(hashes)
    text = string.sub(text, 1, -2) .. ',"revokedKeyHashes":["' .. table.concat(hashes, '","') .. '"]}'
  end
  redis.call('SET', state, text)
end
`;

/**
 * Puts the centre's topology into the state.
 *
 * Atomic about: the topology, and what is revoked, in one state. A topology that was read before a key was revoked
 * would otherwise bring the key back.
 *
 * KEYS: topology, revoked, state, breakers. ARGV: the topology's JSON.
 */
export const putState = script(`${composeState}
redis.call('SET', KEYS[1], ARGV[1])
compose(KEYS[1], KEYS[2], KEYS[3], KEYS[4])
return 1
`);

/**
 * Adds revoked keys to the state; answers 1, or 0 when there would be too many.
 *
 * Atomic about: the set only grows by this, and the state is made of the whole set. Two that revoke at once would
 * otherwise leave one key out. Too many: nothing is added.
 *
 * KEYS: topology, revoked, state, breakers. ARGV: how many there may be, then the hashes.
 */
export const revoke = script(`${composeState}
local hashes = { unpack(ARGV, 2) }
local added = {}
for _, hash in ipairs(hashes) do
  if redis.call('SADD', KEYS[2], hash) == 1 then added[#added + 1] = hash end
end
if redis.call('SCARD', KEYS[2]) > tonumber(ARGV[1]) then
  redis.call('SREM', KEYS[2], unpack(added))
  return 0
end
compose(KEYS[1], KEYS[2], KEYS[3], KEYS[4])
return 1
`);

/**
 * Takes revoked keys out of the state.
 *
 * Atomic about: the state is made of what is left of the whole set.
 *
 * KEYS: topology, revoked, state, breakers. ARGV: the hashes.
 */
export const forgetRevoked = script(`${composeState}
redis.call('SREM', KEYS[2], unpack(ARGV))
compose(KEYS[1], KEYS[2], KEYS[3], KEYS[4])
return 1
`);
