import { expect, test } from 'vitest';
import {
  makeMemorySearchEpochs,
  makeMemorySearchState,
} from '../../../functions/adapters/memory/search-cluster.ts';
import { makeMemoryTopologyDocument } from '../../../functions/adapters/memory/topology-store.ts';
import type { Turn } from '../../../functions/adapters/memory/turn.ts';
import { makeEpochCarrier } from '../../../functions/core/failover/epoch-carrier.ts';
import { firstTopology, movedTo, type Topology } from '../../../functions/core/failover/topology.ts';
import { deadlineAfter } from '../../../functions/core/kernel/clock.ts';
import { DependencyUnavailable } from '../../../functions/core/kernel/invariant.ts';
import { makeHandClock } from '../../adapters/wall-clock.ts';

const clock = makeHandClock();
const soon = () => deadlineAfter(clock, 10_000);

/** Centre A is lost, and B was promoted without it: primary could not be told, nor A's topology. */
function promoted() {
  const away = new Set(['primary', 'A']);
  const own = {
    topology: movedTo(firstTopology('B', 1), { epoch: 2, centre: 'B' }, [], ['primary']) as Topology,
  };
  const other = { topology: firstTopology('A', 1) };
  const primary = makeMemorySearchState(1);
  const turn: Turn = async (_, part) => {
    if (away.has(part)) throw new DependencyUnavailable(part, new Error('it is lost'));
  };
  const carry = makeEpochCarrier({
    centre: 'B',
    ownTopology: makeMemoryTopologyDocument({ name: 'B', state: own }),
    otherTopology: makeMemoryTopologyDocument({ name: 'A', state: other, turn }),
    searchEpochs: [makeMemorySearchEpochs({ name: 'primary', state: primary, turn })],
    clock,
  });
  return { away, own, other, primary, round: () => carry(own.topology, soon()) };
}

test('a search cluster that was away is read by nobody before it was told of the epoch', async () => {
  const { away, own, other, primary, round } = promoted();
  await round();
  expect(own.topology.untoldSearch).toEqual(['primary']);
  expect(other.topology.epoch).toBe(1);

  away.delete('A');
  await round();
  expect(other.topology).toMatchObject({ epoch: 2, writer: 'B', untoldSearch: ['primary'] });

  away.delete('primary');
  await round();
  expect(primary).toMatchObject({ epoch: 2, isReadable: false });
  expect(own.topology.untoldSearch).toBeUndefined();
  expect(other.topology.untoldSearch).toBeUndefined();
});

test('a topology that could not be told that the search cluster was, is told later', async () => {
  const { away, own, other, round } = promoted();
  away.delete('A');
  await round();
  away.add('A');
  away.delete('primary');
  await round();
  expect(own.topology.untoldSearch).toBeUndefined();
  expect(other.topology.untoldSearch).toEqual(['primary']);

  away.delete('A');
  await round();
  expect(other.topology.untoldSearch).toBeUndefined();
});

test('an older epoch changes nothing', async () => {
  const { away, own, other, primary, round } = promoted();
  away.clear();
  primary.epoch = 3;
  const newer = movedTo(firstTopology('A', 1), { epoch: 3, centre: 'A' }, [], ['primary']) as Topology;
  other.topology = newer;
  await round();
  expect(other.topology).toEqual(newer);
  expect(own.topology.untoldSearch).toEqual(['primary']);
});
