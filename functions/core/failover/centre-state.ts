/** The centre's state as this process last saw it: the copy in Redis rides along with every read of the cache. */
import type { Deadline } from '../kernel/clock.ts';
import { mayBeRead, type Positions } from '../search/breaker.ts';
import type { Topology } from './topology.ts';

/** More than a Redis holds at once. */
const revokedSeenMax = 1_000;

export interface CentreState {
  /**
   * Whatever may not be used is among its `suspendedParts`: by an operator or a breaker, or since a promotion could not
   * tell it of its epoch.
   * @throws DependencyUnavailable when no state has been seen yet, and none can be had
   */
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

/** The state's text: a Redis adds where the breakers stand that were ever moved. */
type State = Topology & { readonly breakers?: Positions };

export function makeCentreState(
  ports: CentreStatePorts,
): CentreState & { readonly breakers: () => Positions } {
  let seenText: string | null = null;
  let newest: Topology | null = null;
  let positions: Positions = {};
  let shown: Topology | null = null;

  const adopt = ({ breakers, ...next }: State): void => {
    const revokedKeyHashes = revokedIn(next, newest?.revokedKeyHashes ?? []);
    // A Redis may lag behind another by one round of the relay: what was seen never goes back.
    newest = { ...(newest === null || next.version >= newest.version ? next : newest), revokedKeyHashes };
    // Those of the Redis that was read last: one that came up empty knows nothing, and is told.
    positions = breakers ?? {};
    const broken = Object.keys(positions).filter((name) => !isRead(positions, name));
    const { suspendedParts, untoldSearch = [] } = newest;
    shown = { ...newest, suspendedParts: [...new Set([...suspendedParts, ...untoldSearch, ...broken])] };
  };
  const saw = (text: string | null): void => {
    if (text === null || text === seenText) return;
    seenText = text;
    adopt(JSON.parse(text) as State);
  };
  const refresh = async (deadline: Deadline): Promise<void> => {
    const text = await ports.fromCache(deadline).catch(() => null);
    saw(text);
    if (text === null && shown === null) adopt(await ports.fromStore(deadline));
  };
  return {
    saw,
    refresh,
    breakers: () => positions,
    async current(deadline) {
      if (shown === null) await refresh(deadline);
      if (shown === null) adopt(await ports.fromStore(deadline));
      return shown as unknown as Topology;
    },
  };
}

function isRead(positions: Positions, name: string): boolean {
  const position = positions[name];
  return position === undefined || mayBeRead(position);
}

/** Whoever was refused once is refused: one Redis may know of it before the next one does. */
function revokedIn({ revokedKeyHashes }: Topology, before: readonly string[]): readonly string[] {
  const older = before.filter((hash) => !revokedKeyHashes.includes(hash));
  const room = Math.max(0, revokedSeenMax - revokedKeyHashes.length);
  return [...older.slice(Math.max(0, older.length - room)), ...revokedKeyHashes];
}
