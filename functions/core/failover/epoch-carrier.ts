/**
 * Telling of an epoch what was away when it began: the other centre's topology, so that its functions find the writers,
 * and the search clusters, so that they take this epoch's documents and no older one's. Done by the relay of the
 * writers' centre, again and again; what knows it already, or knows a newer one, is left alone. A search cluster that the
 * topologies call untold is read again only once it was told: it is closed to readers then, until it was compared.
 */
import { type Clock, type Deadline, within } from '../kernel/clock.ts';
import { orNull } from '../kernel/invariant.ts';
import type { CentreName } from '../propagation/event.ts';
import type { SearchEpochs } from '../search/ports.ts';
import { movedTo, type Topology, type TopologyDocument, toldTo } from './topology.ts';

export interface EpochCarrierPorts {
  readonly centre: CentreName;
  readonly ownTopology?: TopologyDocument;
  readonly otherTopology?: TopologyDocument | undefined;
  readonly searchEpochs?: readonly SearchEpochs[];
  readonly clock: Clock;
}

const searchMs = 1_000;
const topologyMs = 1_500;

export function makeEpochCarrier(
  ports: EpochCarrierPorts,
): (topology: Topology, deadline: Deadline) => Promise<void> {
  const { centre, ownTopology, otherTopology, searchEpochs = [], clock } = ports;
  return async ({ epoch, writers = {}, untoldSearch = [] }, deadline) => {
    // Whatever is opened only now was away, and may have taken what is lost.
    const opened = await Promise.all(
      searchEpochs.map((search) => orNull(search.open(epoch, false, within(clock, deadline, searchMs)))),
    );
    const told = searchEpochs.flatMap(({ name }, index) => (opened[index] === 'opened' ? [name] : []));
    const untold = untoldSearch.filter((name) => !told.includes(name));
    const servers = Object.entries(writers);
    const share = within(clock, deadline, topologyMs);
    await Promise.all([
      otherTopology &&
        orNull(
          otherTopology.change(
            (before) => movedTo(before, { epoch, centre }, servers, untold) ?? toldTo(before, epoch, told),
            share,
          ),
        ),
      untold.length < untoldSearch.length &&
        ownTopology &&
        orNull(ownTopology.change((before) => toldTo(before, epoch, told), share)),
    ]);
  };
}
