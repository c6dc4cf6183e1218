/** A bug that is put into a copy of the shipped code, for the simulation to find. */
import type { Invariant } from '../checks.ts';
import type { Theme } from '../plan.ts';

export interface Patch {
  /** From the repository's root. */
  readonly file: string;
  /** Stands there exactly once. */
  readonly find: string;
  readonly replace: string;
}

export interface Plant {
  readonly name: string;
  /** The bug, for whoever reviews it. */
  readonly what: string;
  /** What it breaks first: any check of these counts as found. */
  readonly invariants: readonly Invariant[];
  /**
   * Where a rule lives in a Redis script or in SQL, its twin in `functions/adapters/memory` is patched: the contract
   * suites hold twin and engine together.
   */
  readonly patches: readonly Patch[];
  /** What a run must be about for the bug to do harm: no other is hunted through. @default any */
  readonly theme?: Theme;
  /** Takes longer to find than a test run has for it: `npm run simulate -- --planted` hunts it. @default false */
  readonly isRare?: boolean;
}
