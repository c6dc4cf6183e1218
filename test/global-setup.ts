/**
 * Starts the engines that all engine tests share, prepared as a copy of the service is, and tells the tests where they
 * are (`engines.ts`). They are empty: a test makes what it needs under names of its own. A test that kills or damages
 * an engine starts one of its own.
 *
 * Nothing outlives the run: engines have a guardian that ends them when this process dies, however it dies.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { reset } from '../scripts/local/commands.ts';
import { databasePreparations } from '../scripts/local/database-preparation.ts';
import { type Engines, startEngines } from '../scripts/local/engines.ts';
import type { PartName } from '../scripts/local/ports.ts';
import { ownPlace } from './own-place.ts';

const silently = () => {};

export async function setup(): Promise<() => Promise<void>> {
  const { basePort, directory } = ownPlace('test', 5400);
  await reset(directory, silently);
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  const engines = await startEngines({ directory, basePort, ...databasePreparations });
  process.env.MEMBERSHIP_TEST_ENGINES = JSON.stringify(addressesOf(engines));
  return async () => {
    await engines.stop();
    await reset(directory, silently);
    rmSync(directory, { recursive: true, force: true });
  };
}

/**
 * By part. A database's carries the service's own user; `NAME-admin` is the same database for someone who may do
 * everything.
 */
function addressesOf({ parts, endpoints, secrets, adminUrl }: Engines): Record<string, string> {
  const addresses: Record<string, string> = {};
  for (const { name } of parts) {
    const address = endpoints[name];
    addresses[name] = address;
    if (!address.startsWith('mysql:')) continue;
    addresses[name] = withUser(address, secrets.databaseUser, secrets.databasePassword);
    addresses[`${name}-admin`] = adminUrl(name as PartName);
  }
  return addresses;
}

function withUser(address: string, user: string, password: string): string {
  const url = new URL(address);
  if (url.username !== '') return address;
  return `mysql://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${url.host}`;
}
