/** Where the deployed copy of this machine is: beside the one that `npm start` runs, on ports after its own. */
import { join } from 'node:path';
import { readJson, writeFileAtomically } from '../local/files.ts';
import { homeDirectory } from '../local/locations.ts';
import { PORT_SPAN, readBasePort } from '../local/ports.ts';
import type { ProcessIdentity } from '../local/process-identity.ts';

export interface Place {
  readonly directory: string;
  readonly basePort: number;
}

/** @throws Error when the environment's port is none */
export function placeIn(environment: NodeJS.ProcessEnv): Place {
  const basePort = readBasePort(environment) + PORT_SPAN;
  return { directory: join(homeDirectory(environment), 'deployed'), basePort };
}

/** Above every part's of the same copy. */
const standInOffset = 55;
export const standInPort = ({ basePort }: Place): number => basePort + standInOffset;

/** What holds the engines and the stand-in, once they are up. */
export interface Held {
  readonly supervisor: ProcessIdentity;
  /** The stand-in's address. */
  readonly endpoint: string;
}

const heldPath = ({ directory }: Place): string => join(directory, 'held.json');

export const readHeld = (place: Place): Held | undefined => readJson<Held>(heldPath(place));

export const writeHeld = (place: Place, held: Held): void =>
  writeFileAtomically(heldPath(place), JSON.stringify(held));
