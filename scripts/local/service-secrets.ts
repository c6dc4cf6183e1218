import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { CentreName } from '../../functions/core/propagation/event.ts';
import { readJson, writeFileAtomically } from './files.ts';

/** What the services keep to themselves: made at the first start, and lost with the data that it opens. */
export interface ServiceSecrets {
  /** The keyring's JSON. */
  readonly keyring: string;
  /** Callers' keys, by the caller's name. */
  readonly callerKeys: { readonly orders: string; readonly campaigns: string; readonly observer: string };
}

const keyBytes = 32;
const ownerOnly = 0o600;

/** Beside the engines' data, so that whoever deletes one deletes the other. */
export function servicesDirectoryOf(directory: string): string {
  return join(directory, 'data', 'services');
}

export function ensureServiceSecrets(directory: string): ServiceSecrets {
  const place = servicesDirectoryOf(directory);
  const path = join(place, 'secrets.json');
  const known = readJson<ServiceSecrets>(path);
  const key = () => randomBytes(keyBytes).toString('base64url');
  const keyring = {
    sealing: [{ id: '1', key: key() }],
    identifiers: [{ version: '1', key: key() }],
    slots: key(),
    requests: key(),
  };
  const secrets: ServiceSecrets = {
    keyring: known ? withIdentifiersList(known.keyring) : JSON.stringify(keyring),
    // Those that stand are kept: callers have them.
    callerKeys: { orders: key(), campaigns: key(), observer: key(), ...known?.callerKeys },
  };
  mkdirSync(place, { recursive: true });
  writeFileAtomically(path, JSON.stringify(secrets), ownerOnly);
  return secrets;
}

/** Copies that were started before identifiers could have two keys keep the only one without a list around it. */
function withIdentifiersList(keyring: string): string {
  const parsed = JSON.parse(keyring) as { identifiers: unknown };
  if (Array.isArray(parsed.identifiers)) return keyring;
  return JSON.stringify({ ...parsed, identifiers: [parsed.identifiers] });
}

/** Keeps the environment of a centre's functions for the commands of its operators: it holds secrets. */
export function keepVariables(
  directory: string,
  centre: CentreName,
  variables: Readonly<Record<string, string>>,
): void {
  const path = variablesPath(directory, centre);
  writeFileAtomically(path, JSON.stringify(variables), ownerOnly);
}

/** The environment of a centre's functions as of the last start; undefined when nothing was ever started. */
export function keptVariables(
  directory: string,
  centre: CentreName,
): Readonly<Record<string, string>> | undefined {
  return readJson(variablesPath(directory, centre));
}

const variablesPath = (directory: string, centre: CentreName): string =>
  join(servicesDirectoryOf(directory), `variables-${centre.toLowerCase()}.json`);
