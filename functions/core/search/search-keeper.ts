/**
 * Keeping a centre's search clusters in use, as duties of its relay: positions are brought together, an open breaker is
 * probed, a cluster that may not be read is taken out and recovered, and one that is in use is compared with the database
 * all the time, a few slots a round (anti-entropy).
 */
import type { CentreState } from '../failover/centre-state.ts';
import { type Clock, type Deadline, remainingMs, within } from '../kernel/clock.ts';
import { orNull, reached } from '../kernel/invariant.ts';
import type { CentreName, SinkName } from '../propagation/event.ts';
import type { Duty } from '../propagation/relay.ts';
import { slotCount } from '../sharding/sharding.ts';
import {
  afterProbe,
  beginning,
  closed,
  isProbeDue,
  mayBeRead,
  type Position,
  type Positions,
  probeMs,
} from './breaker.ts';
import type { Breakers } from './breakers.ts';
import type { SearchUpkeep } from './ports.ts';
import { type Findings, nothingFound, type Reconcile, together } from './reconcile.ts';
import { makeRecovery, makeSlices } from './recovery.ts';

export interface SearchKeeperPorts {
  readonly centre: CentreName;
  readonly clusters: Readonly<Record<string, SearchUpkeep>>;
  readonly breakers: Pick<Breakers, 'sync' | 'move' | 'standsForMs'>;
  readonly reconcile: Reconcile;
  readonly centreState: Pick<CentreState, 'current'>;
  /** 0 to below 1: where a walk around the slots begins. */
  readonly random: () => number;
  readonly clock: Clock;
  /** Hears what a comparison found. */
  readonly compared?: (sink: SinkName, slots: number, found: Findings) => void;
}

export interface SearchKeeper {
  readonly duties: readonly Duty[];
  /** Where the breakers stand, as this relay has seen last. */
  positions(): Positions;
}

const syncEveryMs = 500;
const keepEveryMs = 500;
const compareEveryMs = 10_000;
/** What a round of comparing may take of the writers and the cluster: a few hundredths of their time, for ever. */
const compareMs = 400;
/** How often it is looked whether a cluster that is in use may be read still. */
const standingEveryMs = 2_000;

export function makeSearchKeeper(ports: SearchKeeperPorts): SearchKeeper {
  const { centre, clusters, breakers, reconcile, centreState, random, clock, compared } = ports;
  const recover = makeRecovery(ports);
  const slices = makeSlices(clock);
  const nextSlots = new Map<string, number>();
  const lookedAtMs = new Map<string, number>();
  let positions: Positions = {};

  /** Answered like a real question, and at once: there is no such member. */
  const isAnswering = async (cluster: SearchUpkeep, deadline: Deadline): Promise<boolean> =>
    reached(cluster.memberDocuments([nobodysId], within(clock, deadline, probeMs / 4)).then(() => {}));

  const move = async (
    name: string,
    seen: Position,
    next: Parameters<Breakers['move']>[2],
    deadline: Deadline,
  ) => {
    const moved = await breakers.move(name, seen, next, deadline);
    if (moved) positions = { ...positions, [name]: moved };
    return moved;
  };

  const probe = async (
    name: string,
    cluster: SearchUpkeep,
    seen: Position,
    deadline: Deadline,
  ): Promise<void> => {
    const times = 'times' in seen ? seen.times : 0;
    const askedAtMs = clock.monotonicMs();
    const elected = await move(name, seen, { state: 'probing', times }, deadline);
    // Whoever learns of its election too late leaves it to the next one.
    if (!elected || clock.monotonicMs() - askedAtMs > probeMs / 2) return;
    const isWell = await isAnswering(cluster, deadline);
    await move(name, elected, afterProbe(isWell, times), deadline);
  };

  /** A cluster that lost its mark has lost what it held: it is no case for a probe. */
  const look = async (
    name: string,
    cluster: SearchUpkeep,
    seen: Position,
    deadline: Deadline,
  ): Promise<void> => {
    const nowMs = clock.monotonicMs();
    if (nowMs - (lookedAtMs.get(name) ?? Number.NEGATIVE_INFINITY) < standingEveryMs) return;
    lookedAtMs.set(name, nowMs);
    const standing = await orNull(cluster.standing(within(clock, deadline, probeMs / 4)));
    if (standing && standing.incarnation !== '' && !standing.isReadable)
      await move(name, seen, beginning, deadline);
  };

  const keep = async (name: string, cluster: SearchUpkeep, deadline: Deadline): Promise<void> => {
    const position = positions[name] ?? closed;
    if (mayBeRead(position)) return look(name, cluster, position, deadline);
    if (position.state !== 'recovering') {
      const forMs = breakers.standsForMs(name, position);
      if (isProbeDue(position, forMs)) await probe(name, cluster, position, deadline);
      return;
    }
    const { epoch } = await centreState.current(deadline);
    const step = await orNull(recover(cluster, position, epoch, deadline));
    if (step) {
      await move(name, position, step.next, deadline);
      const slots = step.next.state === 'recovering' ? step.next.nextSlot : slotCount;
      compared?.(`search:${name}`, Math.max(0, slots - position.nextSlot), step.found);
    } else if (!(await orNull(cluster.standing(within(clock, deadline, probeMs / 4))))) {
      await move(name, position, { state: 'open', times: 0 }, deadline);
    }
  };

  /** A relay that never lives for a whole walk must not always begin at the same slot. */
  const compare = async (name: string, cluster: SearchUpkeep, deadline: Deadline): Promise<void> => {
    const { epoch, writer } = await centreState.current(deadline);
    if (writer !== centre || !mayBeRead(positions[name] ?? closed)) return;
    const work = within(clock, deadline, compareMs);
    let found = nothingFound;
    let slots = 0;
    do {
      const from = nextSlots.get(name) ?? Math.floor(random() * slotCount);
      const slice = slices.next(name, from);
      const one = await slices.timed(name, () => reconcile(cluster, epoch, slice, deadline));
      if (one === 'stale-epoch') return;
      nextSlots.set(name, (from + slice.length) % slotCount);
      found = together(found, one);
      slots += slice.length;
    } while (remainingMs(clock, work) > 0 && slots < slotCount);
    compared?.(`search:${name}`, slots, found);
  };

  return {
    positions: () => positions,
    duties: [
      {
        name: 'breakers',
        everyMs: syncEveryMs,
        round: async (deadline) => {
          positions = await breakers.sync(deadline);
        },
      },
      ...Object.entries(clusters).flatMap(([name, cluster]): Duty[] => [
        { name: `search ${name}`, everyMs: keepEveryMs, round: (deadline) => keep(name, cluster, deadline) },
        {
          name: `compare ${name}`,
          everyMs: compareEveryMs,
          round: (deadline) => compare(name, cluster, deadline),
        },
      ]),
    ],
  };
}

/** Nobody's: asking for it costs least, and touches no member. */
export const nobodysId = '00000000-0000-0000-0000-000000000000';
