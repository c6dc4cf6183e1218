/** The parts of whoever tells of an epoch: the relay, and a promotion. Apart from the promotion, which the relay must not load. */
import { makeSearchEpochs } from '../../adapters/opensearch/search-epochs.ts';
import { makeTopologyDocument } from '../../adapters/parameters/topology-document.ts';
import type { Settings } from '../env.ts';
import { type makeShared, parameterOf } from './shared.ts';

type Shared = ReturnType<typeof makeShared>;

/** What a relay carries an epoch on with. */
export function epochParts(settings: Settings, shared: Shared) {
  const { clock, searchUser: user } = shared;
  return {
    ownTopology: makeTopologyDocument(parameterOf(settings, shared, 'TOPOLOGY_PARAMETER')),
    otherTopology: settings.OTHER_PARAMETERS && otherTopologyOf(settings.OTHER_PARAMETERS, shared),
    searchEpochs: Object.entries(settings.SEARCH).map(([name, { url }]) =>
      makeSearchEpochs({ name, url, user, clock }),
    ),
  };
}

export function otherTopologyOf(
  { topology: parameterName, ...at }: NonNullable<Settings['OTHER_PARAMETERS']>,
  { clock }: Shared,
) {
  return makeTopologyDocument({ ...at, name: "the other centre's parameters", parameterName, clock });
}
