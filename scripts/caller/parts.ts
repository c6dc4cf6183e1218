/** Where the command finds both centres' registries, and every Redis. */
import { randomBytes } from 'node:crypto';
import * as z from 'zod/mini';
import { hashCallerKey } from '../../functions/adapters/crypto/hashers.ts';
import { makeRegistryStore } from '../../functions/adapters/parameters/registry-store.ts';
import { parseRegistryCopy } from '../../functions/adapters/parameters/registry-text.ts';
import { makeRedisCacheCluster } from '../../functions/adapters/redis/redis-cache-cluster.ts';
import { makeSystemClock } from '../../functions/adapters/system/system-clock.ts';
import type { RegistrarPorts } from '../../functions/core/caller/registrar.ts';
import type { CentreName } from '../../functions/core/propagation/event.ts';
import type { Settings } from '../../functions/runtime/env.ts';
import { localCredentials } from '../local/function-variables.ts';
import { operatorSettings } from '../operator.ts';
import { Misused } from './options.ts';

const keyBytes = 32;
/** So that a key is known for one wherever it turns up: in a log, a chat, a repository. */
const keyPrefix = 'membership_';

const at = z.strictObject({
  region: z.string(),
  parameter: z.string(),
  endpoint: z.optional(z.string()),
});
const registries = z.strictObject({ A: at, B: at });

const example =
  '{"A":{"region":"ap-southeast-1","parameter":"/membership/A/callers"},"B":{"region":"ap-northeast-1","parameter":"/membership/B/callers"}}';

/** @throws Misused when an environment is given that tells only its own centre's registry */
function registriesIn(environment: NodeJS.ProcessEnv): z.output<typeof registries> {
  const text = environment.MEMBERSHIP_REGISTRIES;
  if (text) {
    const parsed = registries.safeParse(jsonOf(text));
    if (parsed.success) return parsed.data;
    throw new Misused(`MEMBERSHIP_REGISTRIES must look like ${example}`);
  }
  if (environment.CENTRE) {
    throw new Misused(
      `The environment of a centre's functions tells its own registry alone. Set MEMBERSHIP_REGISTRIES to both, as in ${example}`,
    );
  }
  const of = (centre: CentreName) => {
    const { PARAMETERS, CALLERS_PARAMETER } = operatorSettings(centre, environment);
    return { ...PARAMETERS, parameter: CALLERS_PARAMETER };
  };
  return { A: of('A'), B: of('B') };
}

/** @throws Misused, NoService, SettingsInvalid */
export function registrarPorts(environment = process.env): RegistrarPorts {
  const clock = makeSystemClock();
  const found = registriesIn(environment);
  const settings: Settings = operatorSettings('A', environment);
  const registryOf = (centre: CentreName) => {
    const { parameter, endpoint, region } = found[centre];
    return makeRegistryStore({
      name: `registry ${centre}`,
      region,
      parameterName: parameter,
      clock,
      // A stand-in takes any; the region's own takes the operator's.
      ...(endpoint !== undefined && { endpoint, credentials: localCredentials }),
    });
  };
  const cachesOf = (centre: CentreName) =>
    Object.entries(settings.CACHES[centre]).map(([name, url]) => makeRedisCacheCluster({ name, url }, clock));
  return {
    registries: { A: registryOf('A'), B: registryOf('B') },
    caches: { A: cachesOf('A'), B: cachesOf('B') },
    parse: parseRegistryCopy,
    newKey() {
      const key = `${keyPrefix}${randomBytes(keyBytes).toString('base64url')}`;
      return { key, hash: hashCallerKey(key) };
    },
    clock,
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
