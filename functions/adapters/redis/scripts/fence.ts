import { script } from './script.ts';

/**
 * Fences keys: notes the version, deletes the value, voids the lease. A fence has no end; an equal one loses the end
 * it had. A newer one stays as it is, its end included: every source shows more than this change asks for.
 *
 * Atomic about: fence, value and lease of a key. Between the note and the deletion a reader would believe the old
 * value; between the deletion and the end of the lease its holder could fill the old value again.
 *
 * A newer fence is written again, unchanged: WAIT answers for the writes of its own connection, and this change may
 * only count as delivered when the replicas have the fence that covers it, whoever put it. The note comes first: it is
 * the one write that a full Redis refuses, and it must refuse before anything was done.
 *
 * KEYS: fence, value, lease for each key. ARGV: 'VERSION DATABASECLUSTER MEMBERID' for each key.
 */
export const fence = script(`
local function version_of(note) return tonumber(string.match(note, '^%d+')) end
for i, note in ipairs(ARGV) do
  local key = KEYS[3 * i - 2]
  local stands = redis.call('GET', key)
  if stands and version_of(stands) > version_of(note) then
    redis.call('SET', key, stands, 'KEEPTTL')
  else
    redis.call('SET', key, note)
  end
  redis.call('DEL', KEYS[3 * i - 1], KEYS[3 * i])
end
return #ARGV
`);
