/**
 * Rotating keys, from the first member to the proof that nothing is left:
 *
 *   pass `take` --every source shows it--> pass `free`, if anything is to be freed --the same--> every store is counted
 *
 * Killed anywhere, it is begun anew, and ends the same.
 */

import { orNull } from '../kernel/invariant.ts';
import { type DrainedPorts, waitUntilDrained } from '../propagation/drained.ts';
import { type KeyCensus, type KeysInUse, sumOfKeys } from './ports.ts';
import type { RefreshStep } from './refresh.ts';
import { makePass, type PassPorts, type PassTally } from './rotation-pass.ts';

export interface RotationPorts extends PassPorts, DrainedPorts {
  /** Of every store that keeps members and identifiers for good. */
  readonly stores: readonly KeyCensus[];
}

export interface Rotation {
  /** Tells the requests of one run from those of another. */
  readonly run: string;
  /** Refreshes a second, at most. */
  readonly ratePerSecond: number;
  /** How long to wait for the other stores to follow. */
  readonly waitMs: number;
  /** The versions that identifiers have a key of, and may go on having one of. */
  readonly versions: readonly string[];
  readonly onSlot?: (step: RefreshStep, slot: number, tally: PassTally) => void;
  readonly onStep?: (step: 'drain' | 'count') => void;
}

export interface StoreReport {
  readonly name: string;
  /** Null: it did not answer, and nothing can be said of it. */
  readonly keys: KeysInUse | null;
  readonly isClean: boolean;
}

export interface RotationReport {
  readonly passes: readonly (PassTally & { readonly step: RefreshStep })[];
  /** Database clusters whose changes had not reached everything in time. */
  readonly undrained: readonly string[];
  /** Not counted as long as changes are on their way. */
  readonly stores: readonly StoreReport[];
  /** Nothing is left under an old key, anywhere. */
  readonly isDone: boolean;
}

const partMs = 60_000;

export function makeRotation(ports: RotationPorts): (rotation: Rotation) => Promise<RotationReport> {
  const runPass = makePass(ports);

  const count = async (store: KeyCensus, versions: readonly string[]): Promise<StoreReport> => {
    const whole = async (): Promise<KeysInUse> => {
      let keys: KeysInUse = { sealedWith: {}, boundUnder: {} };
      for await (const part of store.parts(partMs)) keys = sumOfKeys(keys, part);
      return keys;
    };
    const keys = await orNull(whole());
    const isClean =
      keys !== null &&
      Object.keys(keys.sealedWith).every((id) => id === ports.sealer.keyId) &&
      Object.keys(keys.boundUnder).every((version) => versions.includes(version));
    return { name: store.name, keys, isClean };
  };

  return async ({ onSlot, onStep, waitMs, versions, ...settings }) => {
    const passes: (PassTally & { step: RefreshStep })[] = [];
    const pass = async (step: RefreshStep): Promise<PassTally> => {
      const tally = await runPass({
        ...settings,
        step,
        onSlot: (slot, soFar) => onSlot?.(step, slot, soFar),
      });
      passes.push({ ...tally, step });
      return tally;
    };
    const drain = (): Promise<readonly string[]> => {
      onStep?.('drain');
      return waitUntilDrained(ports, waitMs);
    };

    const taken = await pass('take');
    let undrained = await drain();
    // Nothing is freed as long as some source may not show what was taken in its place.
    if (undrained.length === 0 && taken.leftCount === 0 && taken.othersDue > 0) {
      await pass('free');
      undrained = await drain();
    }
    const stores: StoreReport[] = [];
    if (undrained.length === 0) {
      onStep?.('count');
      for (const store of ports.stores) stores.push(await count(store, versions));
    }
    const isDone =
      undrained.length === 0 &&
      passes.every(({ leftCount }) => leftCount === 0) &&
      stores.every(({ isClean }) => isClean);
    return { passes, undrained, stores, isDone };
  };
}
