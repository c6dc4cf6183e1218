/**
 * The drill's own copy of the service: real engines, each centre's functions in a process of their own, and the drill's
 * network between them. Operators' commands find it as they find any copy, by its home.
 */

import type { Lane } from '../../../functions/core/caller/caller.ts';
import type { CentreName } from '../../../functions/core/propagation/event.ts';
import { makeOperatorParts } from '../../../functions/runtime/composition/operator.ts';
import { readSettings } from '../../../functions/runtime/env.ts';
import { databasePreparations } from '../../local/database-preparation.ts';
import { type Engines, startEngines } from '../../local/engines.ts';
import { demandFreePorts } from '../../local/free-port.ts';
import { variablesOf } from '../../local/function-variables.ts';
import { poolSizes } from '../../local/lane-pools.ts';
import { publicPorts } from '../../local/ports.ts';
import { currentProcess } from '../../local/process-identity.ts';
import { salvaging } from '../../local/salvage.ts';
import { ensureServiceSecrets, keptVariables } from '../../local/service-secrets.ts';
import { type Services, startServices } from '../../local/services.ts';
import { removeState, writeState } from '../../local/state.ts';
import { type Network, openNetwork } from '../network/network.ts';
import { type CentreHandle, startCentreProcess } from './centre-handle.ts';

export interface DrillService {
  readonly home: string;
  readonly basePort: number;
  readonly engines: Engines;
  readonly network: Network;
  readonly centres: Readonly<Record<CentreName, CentreHandle>>;
  readonly services: Services;
  /** The parts of an operator who reaches everything directly, whatever the network is like. */
  readonly parts: ReturnType<typeof makeOperatorParts>;
  /** A centre's own name for a lane. */
  nameOf(centre: CentreName, lane: Lane): string;
  stop(): Promise<void>;
}

const environmentsMax = 16;
const environmentsMin = { least: 4, most: 12 };
const requestsAnEnvironment = 16;

/**
 * More of the critical lane's than usual on this machine: elsewhere a request that waits for something that hangs takes
 * one of hundreds. Warm ones, as many as the load asks for: starting one takes the time of the machine's cores.
 */
function poolsFor(ratePerSecond: number): typeof poolSizes {
  const { least, most } = environmentsMin;
  const wanted = Math.floor(ratePerSecond / requestsAnEnvironment);
  const critical = { environmentsMin: Math.max(least, Math.min(most, wanted)), environmentsMax };
  return { ...poolSizes, critical };
}

/** A whole drill's: it is read at the end. */
const logBytesMax = 1024 * 1024 * 1024;

export async function startService(
  home: string,
  basePort: number,
  ratePerSecond: number,
  onProgress: (line: string) => void,
): Promise<DrillService> {
  const pools = poolsFor(ratePerSecond);
  await demandFreePorts(publicPorts(basePort));
  const ended: (() => Promise<unknown> | undefined)[] = [];
  const stop = async (): Promise<void> => {
    removeState(home);
    for (const end of ended.splice(0).reverse()) await end();
  };
  try {
    const beforeRebuild = salvaging(home, onProgress);
    const place = { directory: home, basePort, onProgress };
    const engines = await startEngines({ ...place, ...databasePreparations, beforeRebuild });
    ended.push(() => engines.stop());
    const network = await openNetwork(engines.endpoints);
    ended.push(async () => network.close());
    const centres: Partial<Record<CentreName, CentreHandle>> = {};
    const services = await startServices({
      engines,
      basePort,
      directory: home,
      endpointsOf: network.endpointsOf,
      async startCentre(options) {
        const centre = await startCentreProcess({ ...options, pools, logBytesMax });
        centres[options.centre] = centre;
        return centre;
      },
      onProgress,
    });
    ended.push(() => services.stop());
    const { A, B } = centres;
    if (!A || !B) throw new Error('Only one centre was started.');
    const { frontDoor, centres: at, callers, tryIt } = services;
    const parts = [...engines.parts, ...services.parts];
    writeState(home, { supervisor: currentProcess(), frontDoor, centres: at, callers, parts, tryIt });

    const { keyring } = ensureServiceSecrets(home);
    const { QUEUES = '{}' } = keptVariables(home, 'A') ?? {};
    const queues = JSON.parse(QUEUES) as Record<CentreName, { readonly url: string }>;
    const queueUrls = { A: queues.A.url, B: queues.B.url };
    const direct = variablesOf({ engines, centre: 'A', lane: 'critical', keyring, queueUrls });
    return {
      ...{ home, basePort, engines, network, services, stop },
      centres: { A, B },
      parts: makeOperatorParts(readSettings(direct)),
      nameOf(centre, lane) {
        const name = `api-${centre.toLowerCase()}${lane === 'marketing' ? '-marketing' : ''}`;
        return services.parts.find((part) => part.name === name)?.address ?? '';
      },
    };
  } catch (error) {
    await stop().catch(() => {});
    throw error;
  }
}
