/** Where each part of one copy keeps its data, and how to delete it all. */
import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isOpenToAll, unprivilegedUser } from './locations.ts';
import { PARTS, type PartName } from './ports.ts';

/** OpenSearch's own user has to get there: below a closed directory, such as root's home, it could not. */
export function dataDirectoryOf(directory: string, part: PartName): string {
  const place = join(directory, 'data', part);
  const isReachable = PARTS[part].kind !== 'opensearch' || !unprivilegedUser() || isOpenToAll(place);
  return isReachable ? place : join(openPlaceFor(directory), part);
}

export function logFileOf(directory: string, name: string): string {
  return join(directory, 'logs', `${name}.log`);
}

/** Deletes everything of this copy. Nothing of it may be running. */
export async function deleteData(directory: string): Promise<void> {
  const places = ['data', 'logs', 'run', 'secrets.json'].map((name) => join(directory, name));
  for (const place of [...places, openPlaceFor(directory)]) await rm(place, { recursive: true, force: true });
}

function openPlaceFor(directory: string): string {
  const key = createHash('sha256').update(resolve(directory)).digest('hex').slice(0, 12);
  return join('/var/tmp', `membership-${key}`);
}
