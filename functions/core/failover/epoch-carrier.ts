/**
 * Telling of an epoch what was away when it began: the other centre's topology, so that its functions find the writers,
 * and the search clusters, so that they take this epoch's documents and no older one's. Done by the relay of the
 * writers' centre, again and again; what knows it already, or knows a newer one, is left alone.
 */
import { type Clock, type Deadline, within } from '../kernel/clock.ts';
import { orNull } from '../kernel/invariant.ts';
import type { CentreName } from '../propagation/event.ts';
import type { SearchEpochs } from '../search/ports.ts';
import { movedTo, type Topology, type TopologyDocument } from './topology.ts';

export interface EpochCarrierPorts {
  readonly centre: CentreName;
  readonly otherTopology?: TopologyDocument | undefined;
  readonly searchEpochs?: readonly SearchEpochs[];
  readonly clock: Clock;
}

const shareMs = 1_500;

export function makeEpochCarrier(
  ports: EpochCarrierPorts,
): (topology: Topology, deadline: Deadline) => Promise<void> {
  const { centre, otherTopology, searchEpochs = [], clock } = ports;
  return async ({ epoch, writers = {} }, deadline) => {
    const share = within(clock, deadline, shareMs);
    const servers = Object.entries(writers);
    await Promise.all([
      otherTopology &&
        orNull(otherTopology.change((before) => movedTo(before, { epoch, centre }, servers), share)),
      // Whatever is opened only now was away, and may have taken what is lost.
      ...searchEpochs.map((search) => orNull(search.open(epoch, false, share))),
    ]);
  };
}
