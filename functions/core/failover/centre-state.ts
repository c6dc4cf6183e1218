/** The centre's state as this process last saw it: the copy in Redis rides along with every read of the cache. */
import type { Deadline } from '../kernel/clock.ts';
import type { Topology } from './topology.ts';

/** More than a Redis holds at once. */
const revokedSeenMax = 1_000;

export interface CentreState {
  /** @throws DependencyUnavailable when no state has been seen yet, and none can be had */
  current(deadline: Deadline): Promise<Topology>;
  /** What a reading of the cache brought along; null is "this Redis has none". */
  saw(text: string | null): void;
  /** Reads the state once from Redis, or else from the durable copy. */
  refresh(deadline: Deadline): Promise<void>;
}

export interface CentreStatePorts {
  /** Reads the copy in one of the centre's Redis clusters. */
  readonly fromCache: (deadline: Deadline) => Promise<string | null>;
  /** Reads the durable copy. */
  readonly fromStore: (deadline: Deadline) => Promise<Topology>;
}

export function makeCentreState(ports: CentreStatePorts): CentreState {
  let seenText: string | null = null;
  let topology: Topology | null = null;

  const adopt = (next: Topology): void => {
    // A Redis may lag behind another by one round of the relay: what was seen never goes back.
    const newest = topology === null || next.version >= topology.version ? next : topology;
    topology = { ...newest, revokedKeyHashes: revokedIn(next, topology?.revokedKeyHashes ?? []) };
  };
  const saw = (text: string | null): void => {
    if (text === null || text === seenText) return;
    seenText = text;
    adopt(JSON.parse(text) as Topology);
  };
  const refresh = async (deadline: Deadline): Promise<void> => {
    const text = await ports.fromCache(deadline).catch(() => null);
    saw(text);
    if (text === null && topology === null) adopt(await ports.fromStore(deadline));
  };
  return {
    saw,
    refresh,
    async current(deadline) {
      if (topology === null) await refresh(deadline);
      if (topology === null) adopt(await ports.fromStore(deadline));
      return topology as unknown as Topology;
    },
  };
}

/** Whoever was refused once is refused: one Redis may know of it before the next one does. */
function revokedIn({ revokedKeyHashes }: Topology, before: readonly string[]): readonly string[] {
  const older = before.filter((hash) => !revokedKeyHashes.includes(hash));
  const room = Math.max(0, revokedSeenMax - revokedKeyHashes.length);
  return [...older.slice(Math.max(0, older.length - room)), ...revokedKeyHashes];
}
