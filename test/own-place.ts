import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ownerOf } from '../scripts/local/directory-owner.ts';

/** Where engines or a copy of the service may run for the tests. */
export interface Place {
  readonly basePort: number;
  readonly directory: string;
}

/**
 * The first place that no other run of the tests has. The same few for all runs, so that what a killed one left is
 * found, ended and deleted by a later one.
 * @param within where in the directory the engines are
 * @param firstPort apart from that of all other uses by at least 60, and below 1,000 more than the least of them
 */
export function ownPlace(name: string, firstPort: number, within = ''): Place {
  const places = [0, 1_000, 2_000, 3_000].map((offset) => {
    const basePort = firstPort + offset;
    return { basePort, directory: join(tmpdir(), `membership-${name}-${basePort}`) };
  });
  const free = places.find(({ directory }) => ownerOf(join(directory, within)) === undefined);
  if (!free) throw new Error(`${places.length} runs of the tests are under way already`);
  return free;
}
