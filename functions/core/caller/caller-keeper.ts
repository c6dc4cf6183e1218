/**
 * What a centre's relay does for callers: a key that is refused is refused everywhere, soon, whatever is away.
 *
 * A revocation stands in every Redis of both centres. Whoever revokes puts it there; the keeper of each centre carries
 * it on from wherever it stands (any Redis, its own registry, its topology) to every Redis that lacks it, so that one
 * place that was reached is enough. They only grow, until this centre's own registry refuses the key by itself, and has
 * for longer than anybody remembers a registry: then its own Redis clusters forget it.
 *
 * The registry is copied into the centre's Redis clusters, so that a process can admit callers without the store.
 */
import { revocationMs } from '../failover/durations.ts';
import type { Topology } from '../failover/topology.ts';
import { type Clock, type Deadline, within } from '../kernel/clock.ts';
import { orNull } from '../kernel/invariant.ts';
import type { CallerCopies, RegistryStore } from './ports.ts';
import { callerOf, type Registration, refusedKeys } from './registration.ts';
import { registryText } from './registry-text.ts';

export interface CallerKeeperPorts {
  readonly own: readonly CallerCopies[];
  readonly others: readonly CallerCopies[];
  readonly registry: Pick<RegistryStore, 'read'>;
  readonly readTopology: (deadline: Deadline) => Promise<Topology>;
  readonly clock: Clock;
}

const partShareMs = 1_000;

/** @returns one round of it; never throws for a part that is away */
export function makeCallerKeeper({ own, others, registry, readTopology, clock }: CallerKeeperPorts) {
  return async (deadline: Deadline): Promise<void> => {
    const share = () => within(clock, deadline, partShareMs);
    const [registrations, topology, ...standing] = await Promise.all([
      orNull(registry.read(share())),
      orNull(readTopology(share())),
      ...[...own, ...others].map((cache) => orNull(cache.revoked(share()))),
    ]);
    const byHand = new Set(topology?.revokedKeyHashes ?? []);
    const refusals = refusalsIn(registrations ?? [], clock.nowMs());
    const known = new Set([...standing.flatMap((hashes) => hashes ?? []), ...refusals.recent, ...byHand]);
    // Without both documents nobody can say that a revocation has done its work.
    const isDone = (hash: string): boolean =>
      registrations !== null &&
      topology !== null &&
      !byHand.has(hash) &&
      !refusals.live.has(hash) &&
      !refusals.recent.has(hash);
    const wanted = [...known].filter((hash) => !isDone(hash));

    const bring = async (cache: CallerCopies, hashes: readonly string[] | null): Promise<void> => {
      const lacking = wanted.filter((hash) => !hashes?.includes(hash));
      if (lacking.length > 0) await orNull(cache.revoke(lacking, share()));
    };
    const copy = async (cache: CallerCopies, hashes: readonly string[] | null): Promise<void> => {
      if (!registrations) return;
      await cache.putRegistry(registryText(registrations), share());
      // Only after its copy of the registry refuses them too.
      const done = (hashes ?? []).filter(isDone);
      if (done.length > 0) await cache.forgetRevoked(done, share());
    };
    await Promise.all([
      ...own.map((cache, index) => bring(cache, standing[index] ?? null)),
      ...others.map((cache, index) => bring(cache, standing[own.length + index] ?? null)),
      ...own.map((cache, index) => orNull(copy(cache, standing[index] ?? null))),
    ]);
  };
}

function refusalsIn(registrations: readonly Registration[], nowMs: number) {
  const active = registrations.map(callerOf).filter(({ state }) => state === 'active');
  const recent = registrations
    .flatMap(refusedKeys)
    .filter(({ sinceMs }) => nowMs - sinceMs < revocationMs)
    .map(({ hash }) => hash);
  return { live: new Set(active.flatMap(({ keyHashes }) => keyHashes)), recent: new Set(recent) };
}
