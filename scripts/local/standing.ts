/**
 * Which server writes, once a promotion has moved that: for the next start of this copy's databases. On AWS the endpoints
 * know. The topologies are kept by the parameter stores, here as there.
 */
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readJson, writeFileAtomically } from './files.ts';
import { type DatabasePart, FIRST_WRITER } from './ports.ts';

/** The server that writes, or that a promotion under way has elected. */
export const writerIn = (directory: string): DatabasePart => electedIn(directory) ?? FIRST_WRITER;

/** Undefined until there was a promotion. */
export const electedIn = (directory: string): DatabasePart | undefined =>
  readJson<{ server: DatabasePart }>(pathIn(directory))?.server;

export function noteWriter(directory: string, server: DatabasePart): void {
  mkdirSync(dirname(pathIn(directory)), { recursive: true });
  writeFileAtomically(pathIn(directory), JSON.stringify({ server }));
}

const pathIn = (directory: string): string => join(directory, 'data', 'writer.json');
