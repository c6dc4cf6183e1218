import { script } from './script.ts';

/**
 * Adds calls to the window that is now; answers with its number, its calls, failures and milliseconds, and those of the
 * window before it.
 *
 * Atomic about: the windows move on and are added to by one clock. Two that add at the turn of a window would otherwise
 * each move it on, and lose what the other has added.
 *
 * KEYS: the calls of a search cluster. ARGV: length of a window in milliseconds, then calls, failures, milliseconds.
 */
export const countCalls = script(`
local time = redis.call('TIME')
local now = math.floor((time[1] * 1000 + math.floor(time[2] / 1000)) / ARGV[1])
local held = redis.call('HMGET', KEYS[1], 'window', 'c', 'f', 'm', 'pc', 'pf', 'pm')
for i = 1, 7 do held[i] = tonumber(held[i] or 0) end
if held[1] == now - 1 then
  held = { now, 0, 0, 0, held[2], held[3], held[4] }
elseif held[1] ~= now then
  held = { now, 0, 0, 0, 0, 0, 0 }
end
for i = 2, 4 do held[i] = held[i] + ARGV[i] end
redis.call('HSET', KEYS[1], 'window', held[1], 'c', held[2], 'f', held[3], 'm', held[4],
  'pc', held[5], 'pf', held[6], 'pm', held[7])
redis.call('PEXPIRE', KEYS[1], 60000)
for i = 1, 7 do held[i] = string.format('%.0f', held[i]) end
return held
`);
