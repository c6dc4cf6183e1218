/**
 * The topology document: what a centre must know to serve. One a centre (durable, in its parameter store), copied by
 * its relay into each of its Redis clusters and read with every request. Nothing in the other centre is needed to read it.
 */
import type { Deadline } from '../kernel/clock.ts';
import type { CentreName } from '../propagation/event.ts';
import { firstEpoch } from './epoch.ts';

export interface Topology {
  readonly format: 1;
  /** Grows with each change of the document. */
  readonly version: number;
  readonly epoch: number;
  /** The centre that holds the writers of this epoch. */
  readonly writer: CentreName;
  /** The search clusters each lane reads here, in order of preference. */
  readonly search: { readonly critical: readonly string[]; readonly marketing: readonly string[] };
  /** Parts that an operator or a breaker has taken out of use here, by name. */
  readonly suspendedParts: readonly string[];
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
