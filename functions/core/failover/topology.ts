/**
 * The topology document: what a centre must know to serve. One a centre (durable, in its parameter store), copied by
 * its relay into each of its Redis clusters and read with every request. Nothing in the other centre is needed to read it.
 */
import type { Deadline } from '../kernel/clock.ts';
import type { CentreName } from '../propagation/event.ts';
import { firstEpoch } from './epoch.ts';
import type { RegisteredEpoch } from './ports.ts';

export interface Topology {
  readonly format: 1;
  /** Grows with each change of the document. */
  readonly version: number;
  readonly epoch: number;
  /** The centre that holds the writers of this epoch. */
  readonly writer: CentreName;
  /**
   * The server of each database cluster that was promoted, by its name among that centre's replicas. Absent where the
   * centre's writer has an address that moves by itself.
   */
  readonly writers?: Readonly<Record<string, string>>;
  /** The search clusters each lane reads here, in order of preference. */
  readonly search: { readonly critical: readonly string[]; readonly marketing: readonly string[] };
  /**
   * Search clusters that no promotion could tell of the epoch yet, and that may hold what it lost: not read until the relay
   * has told them. Absent: none.
   */
  readonly untoldSearch?: readonly string[];
  /** Parts that an operator or a breaker has taken out of use here, by name. */
  readonly suspendedParts: readonly string[];
  /** Replicas of this centre that are behind the others, or do not answer. In the copies in Redis alone: as the relay sees it. */
  readonly replicasOut?: readonly string[];
  /** The centre is being left: it serves whatever comes, and calls itself unhealthy. */
  readonly isDraining?: boolean;
  readonly shardMapVersion: number;
  /**
   * Hashes of callers' keys that are refused from now on, whatever the registry says. In the durable document: by an
   * operator's hand. The copies in Redis have those that were revoked by command besides (`core/caller/caller-keeper.ts`).
   */
  readonly revokedKeyHashes: readonly string[];
}

/** A centre's document before anybody has changed it: written by A, every search cluster in use, its own first. */
export const firstTopology = (centre: CentreName, shardMapVersion: number): Topology => ({
  format: 1,
  version: 1,
  epoch: firstEpoch.epoch,
  writer: firstEpoch.centre,
  search: {
    critical: centre === 'A' ? ['primary', 'backup'] : ['backup', 'primary'],
    marketing: ['marketing', 'backup'],
  },
  suspendedParts: [],
  shardMapVersion,
  revokedKeyHashes: [],
});

/** The durable copy of a centre's topology. */
export interface TopologyStore {
  read(deadline: Deadline): Promise<Topology>;
}

/** The durable copy, for whoever changes it. */
export interface TopologyDocument {
  readonly name: string;
  /**
   * Puts what `change` makes of the document as it stands, under its next version; null leaves it alone. Done again
   * when somebody else changed it meanwhile, so that no change is lost and no older epoch comes back.
   * @returns the document as it stands now
   */
  change(change: (standing: Topology) => Topology | null, deadline: Deadline): Promise<Topology>;
}

/** The topology with the writers of `epoch`; null when it has them, or newer ones, already. */
export function movedTo(
  before: Topology,
  { epoch, centre }: RegisteredEpoch,
  servers: readonly (readonly [string, string])[],
  untoldSearch: readonly string[],
): Topology | null {
  if (before.epoch >= epoch) return null;
  const { writers: _, ...rest } = before;
  return untold(
    {
      ...rest,
      epoch,
      writer: centre,
      ...(servers.length > 0 && { writers: Object.fromEntries(servers) }),
    },
    untoldSearch,
  );
}

/** The topology of `epoch` after these search clusters were told of it; null when it is of another one, or says so already. */
export function toldTo(before: Topology, epoch: number, told: readonly string[]): Topology | null {
  const { untoldSearch = [] } = before;
  if (before.epoch !== epoch || !untoldSearch.some((name) => told.includes(name))) return null;
  return untold(
    before,
    untoldSearch.filter((name) => !told.includes(name)),
  );
}

function untold({ untoldSearch: _, ...rest }: Topology, names: readonly string[]): Topology {
  return names.length > 0 ? { ...rest, untoldSearch: names } : rest;
}
