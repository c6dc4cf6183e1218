/** What stands after a deployment: the APIs, and callers to ask them. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { hashCallerKey } from '../../functions/adapters/crypto/hashers.ts';
import { makeParameter } from '../../functions/adapters/parameters/parameters.ts';
import { makeRegistryStore } from '../../functions/adapters/parameters/registry-store.ts';
import { makeSecretStore } from '../../functions/adapters/secrets/secret-store.ts';
import { makeSystemClock } from '../../functions/adapters/system/system-clock.ts';
import type { Lane } from '../../functions/core/caller/caller.ts';
import type { Registration } from '../../functions/core/caller/registration.ts';
import { deadlineAfter } from '../../functions/core/kernel/clock.ts';
import { type CentreName, centreNames } from '../../functions/core/propagation/event.ts';
import { stages } from '../../infra/centre.ts';
import { lanes } from '../../infra/function-settings.ts';
import { callersParameter, parameterName, queueName, secretName } from '../../infra/names.ts';
import { LocalFailure } from '../local/failure.ts';
import { readJson, writeFileAtomically } from '../local/files.ts';
import { localCredentials } from '../local/function-variables.ts';
import { pollUntil } from '../local/polling.ts';
import type { Place } from './place.ts';

export interface Deployed {
  readonly endpoint: string;
  readonly centres: Readonly<
    Record<CentreName, { readonly region: string; readonly urls: Readonly<Record<Lane, string>> }>
  >;
  /** Keys of callers, by name: `orders` is on the critical lane, `campaigns` on the marketing lane. */
  readonly callers: Readonly<Record<'orders' | 'campaigns', string>>;
  readonly queue: string;
}

const settings = stages.local;
const withinMs = 60_000;
const servesWithinMs = 180_000;
const ownerOnly = 0o600;
const keyBytes = 32;

export async function findDeployed(place: Place, endpoint: string): Promise<Deployed> {
  const clock = makeSystemClock();
  const deadline = deadlineAfter(clock, withinMs);
  const storeAt = (centre: CentreName) => ({
    name: `parameters ${centre}`,
    region: settings.places[centre].region,
    endpoint,
    credentials: localCredentials,
    clock,
  });
  const urlOf = async (centre: CentreName, lane: Lane): Promise<string> => {
    const name = parameterName(settings, centre, `api/${lane}/id`);
    const id = await makeParameter({ ...storeAt(centre), parameterName: name }).read(String, deadline);
    return `${endpoint}/_aws/execute-api/${id}/$default`;
  };
  const centres = Object.fromEntries(
    await Promise.all(
      centreNames.map(async (centre) => {
        const urls = await Promise.all(lanes.map(async (lane) => [lane, await urlOf(centre, lane)]));
        return [centre, { region: settings.places[centre].region, urls: Object.fromEntries(urls) }];
      }),
    ),
  ) as Deployed['centres'];
  const callers = callersAt(place);
  const observer = await observerKey(endpoint);
  await Promise.all(
    centreNames.map((centre) =>
      makeRegistryStore({ ...storeAt(centre), parameterName: callersParameter(settings, centre) }).join(
        registrationsOf({ ...callers, observer }),
        deadline,
      ),
    ),
  );
  await awaitFreshAnswers(centres, callers.orders);
  return { endpoint, centres, callers, queue: queueName(settings) };
}

/** The relays begin within a minute. Once they have granted, both centres say for sure that they know nobody. */
async function awaitFreshAnswers(centres: Deployed['centres'], key: string): Promise<void> {
  const isFresh = async ({ urls }: Deployed['centres'][CentreName]): Promise<boolean> => {
    const answer = await fetch(`${urls.critical}/v1/members/lookup`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: '{"cardNo": "000000"}',
    }).catch(() => undefined);
    return answer?.status === 404 && answer.headers.get('x-freshness') === 'fresh';
  };
  const isUp = await pollUntil(
    async () => (await Promise.all(Object.values(centres).map(isFresh))).every(Boolean),
    { deadlineMs: servesWithinMs, everyMs: 500 },
  );
  if (!isUp)
    throw new LocalFailure('It is deployed, but a centre gives no fresh answers: see its functions’ logs.');
}

function callersAt({ directory }: Place): Deployed['callers'] {
  const path = join(directory, 'callers.json');
  const known = readJson<Deployed['callers']>(path);
  if (known) return known;
  const key = () => `membership_${randomBytes(keyBytes).toString('base64url')}`;
  const made = { orders: key(), campaigns: key() };
  writeFileAtomically(path, JSON.stringify(made), ownerOnly);
  return made;
}

async function observerKey(endpoint: string): Promise<string> {
  const { region } = settings.places.A;
  const read = makeSecretStore({ endpoint, region, credentials: localCredentials });
  return (JSON.parse(await read(secretName(settings, 'observer'))) as { key: string }).key;
}

function registrationsOf(
  keys: Readonly<Record<'orders' | 'campaigns' | 'observer', string>>,
): Registration[] {
  const registered = (name: keyof typeof keys, about: Partial<Registration>): Registration => ({
    name,
    owner: name,
    team: name,
    purpose: 'tries a deployment',
    lane: 'critical',
    operations: ['read'],
    ratePerSecond: 1_000,
    generation: 1,
    disabledSinceMs: null,
    keys: [{ hash: hashCallerKey(keys[name]), sinceMs: 0 }],
    dropped: [],
    ...about,
  });
  return [
    registered('orders', { operations: ['read', 'write'] }),
    registered('campaigns', { lane: 'marketing' }),
    registered('observer', {}),
  ];
}

export function describeDeployed({ centres, callers }: Deployed): string {
  const { urls } = centres.A;
  return [
    '',
    ...centreNames.flatMap((centre) =>
      lanes.map((lane) => `Centre ${centre}, ${lane.padEnd(9)}  ${centres[centre].urls[lane]}`),
    ),
    '',
    'Try:',
    `  curl -i '${urls.critical}/v1/members/lookup' -H 'authorization: Bearer ${callers.orders}' \\`,
    `    -H 'content-type: application/json' -d '{"phone": "+8613800000001"}'`,
    '',
    '"npm run destroy:local" takes it all away again.',
  ].join('\n');
}
