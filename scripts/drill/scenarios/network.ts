import { type CentreName, otherCentre } from '../../../functions/core/propagation/event.ts';
import { PART_NAMES, PARTS, type PartName } from '../../local/ports.ts';
import type { Scenario } from '../scenario.ts';

/** The parts that stand in a centre. */
export function partsIn(centre: CentreName): readonly PartName[] {
  const own: readonly string[] = {
    A: ['search-primary', 'search-marketing'],
    B: ['search-backup'],
  }[centre];
  return PART_NAMES.filter((part) =>
    PARTS[part].kind === 'opensearch' ? own.includes(part) : part.split('-')[1] === centre.toLowerCase(),
  );
}

const cutOff = (from: CentreName, promises: string): Scenario => ({
  name: `cut-${from.toLowerCase()}-${otherCentre(from).toLowerCase()}`,
  fault: `functions of ${from} reach nothing in ${otherCentre(from)}; the other way all is well`,
  promises,
  of: 'network',
  seconds: 10,
  begin: ({ network }) =>
    network.set({ from: [from], to: partsIn(otherCentre(from)) }, { kind: 'blackhole', of: 'both' }),
  end: ({ network }) => network.clear(),
});

export const networkScenarios: readonly Scenario[] = [
  {
    name: 'slow-network',
    fault: '40 ms more each way between the centres',
    promises: 'writes take longer; reads do not',
    of: 'network',
    seconds: 10,
    async begin({ network }) {
      for (const from of ['A', 'B'] as const)
        await network.set({ from: [from], to: partsIn(otherCentre(from)) }, { kind: 'latency', ms: 40 });
    },
    end: ({ network }) => network.clear(),
  },
  cutOff('A', 'writes rely on suspensions and the witness; B believes nothing whose grant has lapsed'),
  {
    ...cutOff(
      'B',
      'B reads by itself, labelled where it cannot know; its writes are refused, and come to A by the client',
    ),
  },
  {
    name: 'answers-lost',
    fault: 'what the writer answers A does not arrive for 6 s; what it is asked does',
    promises: 'nobody knows what was committed: the same request again gets the same receipt, once',
    of: 'network',
    stopsWrites: true,
    seconds: 6,
    begin: ({ network }) =>
      network.set({ from: ['A'], to: ['mysql-a'] }, { kind: 'blackhole', of: 'answers' }),
    end: ({ network }) => network.clear(),
  },
  {
    name: 'kill-functions',
    fault: "kill -9 of all of A's functions, gateways, relay and consumer; started again after 8 s",
    promises:
      'the client finds B by its own name at once, and the front door soon; leases to write outlive a restart or are taken anew',
    of: 'network',
    stopsWrites: true,
    seconds: 8,
    begin: ({ centres }) => centres.A.kill(),
    end: ({ centres }) => centres.A.restart(),
  },
];
