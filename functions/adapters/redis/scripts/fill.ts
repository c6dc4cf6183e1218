import { script } from './script.ts';

/**
 * Stores values, and with that ends their leases; answers 1 for each, or 0 where refused.
 *
 * Atomic about, for each key: at the moment of the write the token still holds the lease (no fence came since it was
 * granted, and nobody else fills) *and* no fence stands above the value's version.
 *
 * KEYS: lease, fence, value for each. ARGV: token, then version, value, milliseconds for each.
 */
export const fill = script(`
local filled = {}
for i = 1, #KEYS / 3 do
  local lease, fence, value = KEYS[3 * i - 2], KEYS[3 * i - 1], KEYS[3 * i]
  local version, text, lifetime = ARGV[3 * i - 1], ARGV[3 * i], ARGV[3 * i + 1]
  filled[i] = 0
  if redis.call('GET', lease) == ARGV[1] then
    local note = redis.call('GET', fence)
    if not note or tonumber(string.match(note, '^%d+')) <= tonumber(version) then
      redis.call('SET', value, text, 'PX', lifetime)
      redis.call('DEL', lease)
      filled[i] = 1
    end
  end
end
return filled
`);
