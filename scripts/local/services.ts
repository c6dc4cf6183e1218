/** Everything but the engines: both centres' functions behind their gateways, and the front doors before them. */
import { join } from 'node:path';
import type { Lane } from '../../functions/core/caller/caller.ts';
import type { CentreName } from '../../functions/core/propagation/event.ts';
import { bundleFunctions } from './bundle.ts';
import { type Centre, type CentreOptions, startCentre } from './centre.ts';
import { logFileOf } from './data.ts';
import type { Engines } from './engines.ts';
import { LocalFailure } from './failure.ts';
import { type FrontDoor, startFrontDoor } from './front-door.ts';
import { awsParts, regions, variablesOf } from './function-variables.ts';
import { PUBLIC_OFFSETS } from './ports.ts';
import { awaitGrants, provision } from './provision.ts';
import { ensureServiceSecrets, keepVariables, servicesDirectoryOf } from './service-secrets.ts';
import type { Caller, ListedPart } from './state.ts';

const grantsWithinMs = 60_000;

export interface ServicesRequest {
  readonly engines: Engines;
  readonly basePort: number;
  /** Keeps keys and logs beside those of the engines. */
  readonly directory: string;
  /** Whether environments are frozen between invocations. @default true */
  readonly freezes?: boolean;
  /** Where a centre's functions find the engines, if something stands in between. @default as `engines` says */
  readonly endpointsOf?: (centre: CentreName) => Engines['endpoints'];
  /** What starts a centre's functions. @default in this process */
  readonly startCentre?: (options: CentreOptions) => Promise<Centre>;
  readonly onProgress?: (line: string) => void;
}

export interface Services {
  readonly frontDoor: string;
  readonly centres: { A: { url: string }; B: { url: string } };
  readonly callers: { orders: Caller; campaigns: Caller };
  readonly doors: Readonly<Record<Lane, FrontDoor>>;
  readonly parts: ListedPart[];
  /** A command to try, with a caller's key. */
  readonly tryIt: string;
  stop(): Promise<void>;
}

/** Starts them and answers once both centres serve fresh answers. When one cannot, all are ended. */
export async function startServices(request: ServicesRequest): Promise<Services> {
  const { engines, basePort, directory, freezes = true, onProgress = () => {} } = request;
  const { endpointsOf = () => engines.endpoints, startCentre: startFunctions = startCentre } = request;
  const started: { stop(): Promise<void> }[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(
      started
        .splice(0)
        .reverse()
        .map((part) => part.stop()),
    );
  };
  const keep = <Part extends { stop(): Promise<void> }>(part: Part): Part => {
    started.push(part);
    return part;
  };

  try {
    const secrets = ensureServiceSecrets(directory);
    const modules = join(servicesDirectoryOf(directory), 'functions');
    const [queueUrls] = await Promise.all([provision(engines, secrets), bundleFunctions(modules)]);
    onProgress('the functions are bundled, queues, parameters and indexes are there');

    const addresses = {
      A: addressAt(basePort, PUBLIC_OFFSETS.A),
      B: addressAt(basePort, PUBLIC_OFFSETS.B),
    };
    const start = async (centre: CentreName): Promise<Centre> => {
      const endpoints = endpointsOf(centre);
      const at = { endpoints, secrets: engines.secrets };
      const variablesFor = (lane: Lane) =>
        variablesOf({ engines: at, centre, lane, keyring: secrets.keyring, queueUrls });
      keepVariables(directory, centre, variablesFor('critical'));
      return keep(
        await startFunctions({
          centre,
          ports: portsAt(basePort, PUBLIC_OFFSETS[centre]),
          variablesOf: variablesFor,
          observer: { OBSERVER: JSON.stringify({ urls: addresses, key: secrets.callerKeys.observer }) },
          modules,
          logFile: logFileOf(directory, `functions-${centre.toLowerCase()}`),
          freezes,
          queue: {
            queueUrl: queueUrls[centre],
            endpoint: endpoints[awsParts[centre]],
            region: regions[centre],
          },
        }),
      );
    };
    const [A, B] = await Promise.all([start('A'), start('B')]);
    onProgress('both centres have their functions');

    const open = async (lane: Lane): Promise<FrontDoor> => {
      const port = basePort + PUBLIC_OFFSETS.frontDoor[lane];
      const door = await startFrontDoor({
        port,
        lane,
        centres: { A: A.gateways[lane].url, B: B.gateways[lane].url },
      });
      keep({ stop: () => door.close() });
      return door;
    };
    const doors = { critical: await open('critical'), marketing: await open('marketing') };

    if (!(await awaitGrants(engines, grantsWithinMs))) {
      const logs = logFileOf(directory, 'functions-a');
      throw new LocalFailure(`The relays did not get their leases and grants. The functions' logs: ${logs}`);
    }
    onProgress('leases to write and grants stand');

    const { orders, campaigns } = secrets.callerKeys;
    const part = (name: string, { url }: { readonly url: string }): ListedPart => ({
      name,
      state: 'up',
      address: url,
    });
    return {
      frontDoor: doors.critical.url,
      centres: { A: { url: A.gateways.critical.url }, B: { url: B.gateways.critical.url } },
      callers: {
        orders: { key: orders, lane: 'critical', url: doors.critical.url },
        campaigns: { key: campaigns, lane: 'marketing', url: doors.marketing.url },
      },
      doors,
      parts: [
        part('front-door', doors.critical),
        part('front-door-marketing', doors.marketing),
        part('api-a', A.gateways.critical),
        part('api-a-marketing', A.gateways.marketing),
        part('api-b', B.gateways.critical),
        part('api-b-marketing', B.gateways.marketing),
      ],
      tryIt: tryItAt(doors.critical.url, orders),
      stop,
    };
  } catch (error) {
    await stop().catch(() => {});
    throw error;
  }
}

function portsAt(basePort: number, offsets: Readonly<Record<Lane, number>>): Record<Lane, number> {
  return { critical: basePort + offsets.critical, marketing: basePort + offsets.marketing };
}

const addressAt = (basePort: number, offsets: Readonly<Record<Lane, number>>): string =>
  `http://127.0.0.1:${basePort + offsets.critical}`;

function tryItAt(url: string, key: string): string {
  const member =
    '{"name": "王小明", "phone": "+8613800000001", "accounts": [{"platform": "tongcheng-app", "accountId": "tc-1001"}]}';
  return [
    `  curl -i ${url}/v1/members \\`,
    `    -H 'authorization: Bearer ${key}' -H 'idempotency-key: try-1' -H 'content-type: application/json' \\`,
    `    -d '${member}'`,
  ].join('\n');
}
