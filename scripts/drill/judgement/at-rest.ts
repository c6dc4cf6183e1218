/** What the stores hold once nobody writes any more: read again until all of it agrees, or the time for that is over. */
import { setTimeout as pause } from 'node:timers/promises';
import { waitUntilDrained } from '../../../functions/core/propagation/drained.ts';
import type { HistoryEntry } from '../../judge/history.ts';
import type { operatorParts } from '../../operator.ts';
import { goals } from './goals.ts';
import { lostOf } from './lost.ts';
import { type Difference, differencesOf } from './sinks.ts';
import { readTruth } from './truth.ts';

export interface AtRest {
  /** Null: there is no writer to ask. */
  readonly lost: readonly HistoryEntry[] | null;
  readonly twoOwners: number;
  readonly differences: readonly Difference[];
  readonly convergedSeconds: number | null;
}

const drainWithinMs = 30_000;
const againAfterMs = 2_000;

export async function convergence(about: {
  readonly parts: ReturnType<typeof operatorParts>;
  /** Every identifier key that anybody ever held. */
  readonly keys: readonly string[];
  readonly history: readonly HistoryEntry[];
  readonly faultsEndMs: number;
  readonly say: (line: string) => void;
}): Promise<AtRest> {
  const { parts, keys, history, faultsEndMs, say } = about;
  const { sharding, stores, clock } = parts;
  const left = await waitUntilDrained(
    { databaseClusters: sharding.clusters, ...stores, clock },
    drainWithinMs,
  );
  if (left.length > 0) say(`  the outbox of ${left.join(' and ')} is not empty`);
  for (;;) {
    const askedMs = performance.now();
    const truth = await readTruth(parts).catch((error: Error) => error);
    const isKnown = !(truth instanceof Error);
    const differences = isKnown
      ? await differencesOf(truth, keys, parts)
      : [{ sink: 'database', what: truth.message }];
    const isLate = performance.now() - faultsEndMs > goals.convergedSeconds * 1000;
    if (differences.length > 0 && !isLate) {
      await pause(againAfterMs);
      continue;
    }
    if (isKnown) say(`  ${truth.stored.size} members and ${keys.length} identifiers compared in every sink`);
    for (const { sink, what } of differences.slice(0, 10)) say(`  ${sink} differs: ${what}`);
    return {
      lost: isKnown ? await lostOf(history, truth, parts) : null,
      twoOwners: isKnown ? truth.twoOwners.length : 0,
      differences,
      // They were equal when the comparison began, which is what the sinks are judged by: it takes its own time.
      convergedSeconds: differences.length > 0 ? null : Math.round((askedMs - faultsEndMs) / 100) / 10,
    };
  }
}
