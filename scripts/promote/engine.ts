/** Which engine a promotion works on: that of the copy on this machine, or Aurora's by the functions' environment. */
import { makeAuroraEngine } from '../../functions/adapters/rds/aurora-engine.ts';
import type { DatabaseEngine } from '../../functions/core/failover/ports.ts';
import type { Clock } from '../../functions/core/kernel/clock.ts';
import { type Settings, SettingsInvalid } from '../../functions/runtime/env.ts';
import { homeDirectory } from '../local/locations.ts';
import { makeMariadbEngine } from '../local/mariadb-engine.ts';
import { portOf, readBasePort } from '../local/ports.ts';
import { ensureSecrets } from '../local/secrets.ts';

export function engineOf({ GLOBAL_CLUSTERS: globalClusters }: Settings, clock: Clock): DatabaseEngine {
  if (globalClusters) return makeAuroraEngine({ globalClusters, clock });
  if (process.env.CENTRE)
    throw new SettingsInvalid('The environment is not as it must be: GLOBAL_CLUSTERS is missing.');
  const directory = homeDirectory(process.env);
  const basePort = readBasePort(process.env);
  return makeMariadbEngine({
    directory,
    portOf: (part) => portOf(part, basePort),
    secrets: ensureSecrets(directory),
    clock,
  });
}
