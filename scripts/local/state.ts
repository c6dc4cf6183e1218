import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readJson, writeFileAtomically } from './files.ts';
import type { ProcessIdentity } from './process-identity.ts';

export interface ListedPart {
  name: string;
  state: string;
  address: string;
}

export interface Caller {
  key: string;
  lane: string;
  url: string;
}

/** What a running copy says of itself: all that `status` and scripts need to talk to it. */
export interface LocalState {
  supervisor: ProcessIdentity;
  frontDoor: string;
  centres: { A: { url: string }; B: { url: string } };
  callers: { orders: Caller; campaigns: Caller };
  /** As they were when all had started. */
  parts: ListedPart[];
  tryIt: string;
}

/** It holds callers' keys. */
const OWNER_ONLY = 0o600;

function statePath(directory: string): string {
  return join(directory, 'state.json');
}

export function readState(directory: string): LocalState | undefined {
  return readJson<LocalState>(statePath(directory));
}

export function writeState(directory: string, state: LocalState): void {
  mkdirSync(directory, { recursive: true });
  writeFileAtomically(statePath(directory), `${JSON.stringify(state, undefined, 2)}\n`, OWNER_ONLY);
}

export function removeState(directory: string): void {
  rmSync(statePath(directory), { force: true });
}
