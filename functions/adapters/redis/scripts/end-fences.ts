import { script } from './script.ts';

/**
 * Gives fences a short end. One that has an end keeps it: repeating changes nothing.
 *
 * Atomic about: the fence that gets the end has the version it was meant for. A newer one, put between comparing and
 * ending, would go while a source still answers below it.
 *
 * KEYS: the fences. ARGV: milliseconds, then the version of each.
 */
export const endFences = script(`
for i, key in ipairs(KEYS) do
  local note = redis.call('GET', key)
  if note and string.match(note, '^%d+') == ARGV[i + 1] and redis.call('PTTL', key) == -1 then
    redis.call('PEXPIRE', key, ARGV[1])
  end
end
return #KEYS
`);
