import { script } from './script.ts';

/**
 * Grants the lease of each key, or tells that another token holds it, with the fence's version ('0' without a fence);
 * nil when this Redis is not ready, or since a newer epoch. Asked again by its holder a lease is granted again, so that a
 * lost answer costs nothing.
 *
 * Atomic about: marker, holders and fences are those of one moment. A lease granted beside a marker seen earlier could
 * be used in a Redis that came up empty since; a fence's version seen earlier would let an older value look enough.
 *
 * KEYS: ready, then fence, lease for each key. ARGV: token, milliseconds, epoch.
 */
export const lease = script(`
local epoch = redis.call('GET', KEYS[1])
if not epoch or tonumber(epoch) > tonumber(ARGV[3]) then return false end
local outcomes = {}
for i = 1, (#KEYS - 1) / 2 do
  local note = redis.call('GET', KEYS[2 * i])
  local version = note and string.match(note, '^%d+') or '0'
  local holder = redis.call('GET', KEYS[2 * i + 1])
  if holder and holder ~= ARGV[1] then
    outcomes[i] = { 'filling', version }
  else
    redis.call('SET', KEYS[2 * i + 1], ARGV[1], 'PX', ARGV[2])
    outcomes[i] = { 'granted', version }
  end
end
return outcomes
`);
