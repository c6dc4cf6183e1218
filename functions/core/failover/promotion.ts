/**
 * Promotion: the writers of all database clusters move to another centre, together, under a new epoch.
 *
 *   ask       the registers, the topologies, the engine: what stands, and whether it can be done
 *   raise     the new epoch at the own register and at the witness: no older epoch is promised anything any more,
 *             and the own journal takes no append of one
 *   close     the old writers' epoch rows, where they answer
 *   elect     in each database cluster the most advanced copy becomes the writer
 *   take over its control rows: closed to older epochs, every Redis suspended (it is emptied before it is granted again)
 *   recover   the journal to its end and the replicated outboxes, in every cluster (`recovery.ts`)
 *   swap      the epoch's alias of each search cluster that answers. If anything may be lost, it is not read until it was
 *             compared: it may have taken what is
 *   wait      until the longest promise is over in full, by the own clock, counted from the second raise: unless every old
 *             writer was closed. Meanwhile the four before it go on: whatever the old writer still commits gets no receipt
 *             that says `both-centres`, since the journal takes none of it
 *   open      the first lease to write, in every cluster, once all of them are settled and the promises over
 *   publish   the topology, with the search clusters that could not be told; functions go by it from then on
 *   follow    the other copies follow their new writer
 *
 * A process may die between any two of these, or in them, and the whole be repeated: the register tells that a promotion
 * to this centre was begun and not published, and the same epoch goes on from the top. Nothing needs the lost centre, and
 * nothing waits for it longer than a moment. Without the witness it goes on only if every old writer was closed: then no
 * promise is out that anybody could write by.
 *
 * Nothing is lost only if every old writer was closed before the copy was elected that follows it. Whoever finds one that
 * was elected by an attempt before his cannot know, and takes it for forced.
 */
import type { CacheCluster } from '../cache/ports.ts';
import { type Clock, type Deadline, deadlineAfter } from '../kernel/clock.ts';
import { DependencyUnavailable, orNull } from '../kernel/invariant.ts';
import { type CentreName, otherCentre } from '../propagation/event.ts';
import type { SearchEpochs } from '../search/ports.ts';
import { makeLeaseKeeper } from './lease-keeper.ts';
import type { ClusterControl, DatabaseEngine, EpochRegister, RegisteredEpoch } from './ports.ts';
import { Overtaken, type Recover } from './recovery.ts';
import { movedTo, type Topology, type TopologyDocument } from './topology.ts';

export const promotionSteps = [
  'ask',
  'raise',
  'close',
  'elect',
  'take over',
  'recover',
  'swap',
  'wait',
  'open',
  'publish',
  'follow',
] as const;

export type PromotionStep = (typeof promotionSteps)[number];

/** By database cluster: the server's name among its centre's replicas; null for the centre's writer endpoint. */
export type Servers = Readonly<Record<string, string | null>>;

/** The servers of all database clusters in one centre. */
export interface ServerParts {
  readonly control: Pick<ClusterControl, 'epoch' | 'close' | 'extendLease'>;
  readonly recover: Recover;
}

export interface PromotionPorts {
  readonly to: CentreName;
  readonly databaseClusters: readonly string[];
  readonly registers: Readonly<Record<'own' | 'other' | 'witness', EpochRegister>>;
  readonly engine: DatabaseEngine;
  readonly serversIn: (centre: CentreName, servers: Servers) => ServerParts;
  /** Every Redis cluster of both centres, by name. */
  readonly redises: readonly string[];
  readonly caches: Readonly<Record<'own' | 'other', readonly Pick<CacheCluster, 'putState'>[]>>;
  readonly searches: readonly SearchEpochs[];
  readonly topologies: Readonly<Record<'own' | 'other', TopologyDocument>>;
  readonly clock: Clock;
  /** Told of each step when it is done, and how long it took. */
  readonly onStep?: (step: PromotionStep, tookMs: number) => void;
}

export type PromotionOutcome =
  | {
      readonly kind: 'promoted';
      readonly epoch: number;
      /** `forced`: not every old writer could be closed, or not before its copy was elected. */
      readonly how: 'planned' | 'forced';
      readonly servers: Servers;
      /** How many commits came out of the journal: the ledger lists them. */
      readonly taken: number;
      /** What was not reached, or does not follow yet. It is seen to when it is back. */
      readonly left: readonly string[];
    }
  /** The writers are in this centre already. */
  | { readonly kind: 'standing'; readonly epoch: number }
  | { readonly kind: 'not-ready'; readonly reasons: readonly string[] }
  /** A part that it cannot do without did not answer. Repeating goes on from there. */
  | { readonly kind: 'stopped'; readonly at: PromotionStep; readonly reason: string }
  /** Another promotion has a newer epoch. */
  | { readonly kind: 'overtaken'; readonly at: PromotionStep };

export interface PromotionOptions {
  /** Only if every old writer can be closed: nothing is lost then, and nothing waited for. @default false */
  readonly onlyPlanned?: boolean;
}

const askMs = 2_000;
/** What stands in the other centre may be lost: nothing waits for long. */
const otherMs = 700;
const closeMs = 1_500;
/** Aurora takes minutes, at times. */
const electMs = 600_000;
const recoverMs = 600_000;
const swapMs = 1_500;
const openMs = 5_000;
const followMs = 15_000;
/** Clocks do not run alike. */
const waitMargin = 1.01;

export function makePromotion(
  ports: PromotionPorts,
): (options?: PromotionOptions) => Promise<PromotionOutcome> {
  const { to, databaseClusters, registers, engine, serversIn, topologies, clock } = ports;
  const inMs = (ms: number): Deadline => deadlineAfter(clock, ms);

  const eachCluster = async <T>(
    work: (cluster: string) => Promise<T>,
  ): Promise<Readonly<Record<string, T>>> =>
    Object.fromEntries(
      await Promise.all(databaseClusters.map(async (name) => [name, await work(name)] as const)),
    );

  /** What stands, and the epoch that begins. */
  const ask = async () => {
    const [own, other, registered, atWitness, atOther] = await Promise.all([
      topologies.own.change(() => null, inMs(askMs)),
      orNull(topologies.other.change(() => null, inMs(otherMs))),
      registers.own.read(inMs(askMs)),
      orNull(registers.witness.read(inMs(askMs))),
      orNull(registers.other.read(inMs(otherMs))),
    ]);
    const standing = other !== null && other.epoch > own.epoch ? other : own;
    const isBegun = registered.centre === to && registered.epoch > standing.epoch;
    const known = [standing.epoch, registered.epoch, atWitness?.epoch ?? 0, atOther?.epoch ?? 0];
    const epoch: RegisteredEpoch = {
      epoch: isBegun ? registered.epoch : Math.max(...known) + 1,
      centre: to,
    };
    const isStanding = standing.writer === to && !isBegun;
    const faults = isStanding
      ? []
      : await Promise.all(databaseClusters.map((name) => engine.faults(name, to, inMs(askMs))));
    return { standing, epoch, isStanding, faults: faults.flat() };
  };

  const raise = async (epoch: RegisteredEpoch) => {
    heed(await registers.own.raise(epoch, inMs(askMs)));
    const [atWitness, atOther] = await Promise.all([
      orNull(registers.witness.raise(epoch, inMs(askMs))),
      orNull(registers.other.raise(epoch, inMs(otherMs))),
    ]);
    if (atWitness !== null) heed(atWitness);
    if (atOther !== null) heed(atOther);
    return { hasWitness: atWitness !== null, raisedAtMs: clock.monotonicMs() };
  };

  /** Whether every old writer is closed. */
  const close = async (standing: Topology, epoch: RegisteredEpoch): Promise<boolean> => {
    const old = serversIn(otherCentre(to), serversOf(standing));
    const closed = await eachCluster((name) =>
      orNull(old.control.close(name, epoch, ports.redises, inMs(closeMs))),
    );
    const outcomes = Object.values(closed);
    for (const outcome of outcomes) if (outcome !== null) heed(outcome === 'closed' ? 'raised' : outcome);
    return outcomes.every((outcome) => outcome === 'closed');
  };

  const serversOf = ({ writers }: Topology): Servers =>
    Object.fromEntries(databaseClusters.map((name) => [name, writers?.[name] ?? null]));

  /** No promise of either register that an older epoch was given is left when this is over. */
  const waitOut = async (raisedAtMs: number): Promise<void> => {
    // Read after the raising: the longest of all that were ever given to an older epoch.
    const [own, witness] = await Promise.all([
      registers.own.read(inMs(askMs)),
      registers.witness.read(inMs(askMs)),
    ]);
    const lengthMs = Math.max(own.longestPromiseMs, witness.longestPromiseMs) * waitMargin;
    await clock.sleep(Math.max(0, raisedAtMs + lengthMs - clock.monotonicMs()));
  };

  const publish = async (
    epoch: RegisteredEpoch,
    servers: Servers,
    untoldSearch: readonly string[],
  ): Promise<readonly string[]> => {
    const named = Object.entries(servers).filter((one): one is [string, string] => one[1] !== null);
    const move = (before: Topology) => movedTo(before, epoch, named, untoldSearch);
    const own = await topologies.own.change(move, inMs(askMs));
    if (own.epoch > epoch.epoch) throw new Overtaken('a newer epoch is published');
    // The relays would, within seconds.
    const copy = (topology: Topology, caches: PromotionPorts['caches']['own']) => {
      const state = JSON.stringify(topology);
      return Promise.all(caches.map((cache) => orNull(cache.putState(state, inMs(otherMs)))));
    };
    const tellOther = async () => {
      const told = await orNull(topologies.other.change(move, inMs(otherMs)));
      if (told !== null) await copy(told, ports.caches.other);
      return told;
    };
    const [other] = await Promise.all([tellOther(), copy(own, ports.caches.own)]);
    return other === null ? [topologies.other.name] : [];
  };

  /** @returns those that could not be told */
  const swap = async (
    { epoch }: RegisteredEpoch,
    isTrusted: (name: string) => boolean,
  ): Promise<readonly string[]> => {
    const swapped = await Promise.all(
      ports.searches.map((one) => orNull(one.open(epoch, isTrusted(one.name), inMs(swapMs)))),
    );
    if (swapped.includes('older-epoch')) throw new Overtaken('a newer epoch has the aliases');
    return ports.searches.filter((_, index) => swapped[index] === null).map(({ name }) => name);
  };

  const step = async <T>(name: PromotionStep, work: () => Promise<T>): Promise<T> => {
    const beganMs = clock.monotonicMs();
    try {
      return await work();
    } catch (error) {
      throw new StepFailed(name, error);
    } finally {
      ports.onStep?.(name, clock.monotonicMs() - beganMs);
    }
  };

  const elect = async (isClosed: boolean) => {
    const elected = await eachCluster((name) =>
      engine.promote(name, to, isClosed ? 'planned' : 'forced', inMs(electMs)),
    );
    const how = isClosed && Object.values(elected).every(({ isNew }) => isNew) ? 'planned' : 'forced';
    const servers: Servers = Object.fromEntries(
      Object.entries(elected).map(([name, { server }]) => [name, server]),
    );
    return { servers, how } as const;
  };

  /** Everything before opening that the servers of this centre need. @returns how many commits came out of the journal */
  const settle = async (epoch: RegisteredEpoch, { control, recover }: ServerParts): Promise<number> => {
    await step('take over', () =>
      eachCluster(async (name) => {
        if ((await control.close(name, epoch, ports.redises, inMs(openMs))) === 'older-epoch')
          throw new Overtaken(name);
      }),
    );
    // Of one cluster only when all are taken over: a change's directory rows may live in another.
    const taken = await step('recover', () => eachCluster((name) => recover(name, epoch, inMs(recoverMs))));
    return Object.values(taken).reduce((sum, count) => sum + count, 0);
  };

  const carryOut = async ({ onlyPlanned = false }: PromotionOptions): Promise<PromotionOutcome> => {
    const { standing, epoch, isStanding, faults } = await step('ask', ask);
    if (isStanding) return { kind: 'standing', epoch: standing.epoch };
    if (faults.length > 0) return { kind: 'not-ready', reasons: faults };
    const { hasWitness, raisedAtMs } = await step('raise', () => raise(epoch));
    const isClosed = await step('close', () => close(standing, epoch));
    if (!isClosed && (onlyPlanned || !hasWitness)) {
      const reason = hasWitness
        ? 'not every old writer could be closed'
        : 'neither the witness could be raised, nor every old writer closed';
      return { kind: 'stopped', at: 'close', reason };
    }
    const { servers, how } = await step('elect', () => elect(isClosed));
    const parts = serversIn(to, servers);
    // One that was never told of the epoch before may have what that one lost.
    const isTrusted = (name: string): boolean =>
      how === 'planned' && !(standing.untoldSearch ?? []).includes(name);
    const [taken, untold] = await Promise.all([
      settle(epoch, parts),
      step('swap', () => swap(epoch, isTrusted)),
      isClosed || step('wait', () => waitOut(raisedAtMs)),
    ]);
    const keepLease = makeLeaseKeeper({
      centre: to,
      control: parts.control,
      registers: [registers.witness, registers.other],
      clock,
    });
    await step('open', () => eachCluster((name) => keepLease(name, inMs(openMs))));
    const unpublished = await step('publish', () => publish(epoch, servers, untold));
    const lagging = await step('follow', () =>
      eachCluster(async (name) => (await orNull(engine.follow(name, to, inMs(followMs)))) ?? [name]),
    );
    const left = [...untold, ...unpublished, ...new Set(Object.values(lagging).flat())];
    return { kind: 'promoted', epoch: epoch.epoch, how, servers, taken, left };
  };

  return async (options = {}) => {
    try {
      return await carryOut(options);
    } catch (error) {
      if (!(error instanceof StepFailed)) throw error;
      const { at, cause } = error;
      if (cause instanceof Overtaken) return { kind: 'overtaken', at };
      if (cause instanceof DependencyUnavailable) return { kind: 'stopped', at, reason: reasonOf(cause) };
      throw cause;
    }
  };
}

/** Where it stopped. The cause tells why. */
class StepFailed extends Error {
  readonly code = 'step-failed';
  readonly at: PromotionStep;

  constructor(at: PromotionStep, cause: unknown) {
    super(`the step "${at}" failed`, { cause });
    this.at = at;
  }
}

function heed(outcome: 'raised' | 'older-epoch'): void {
  if (outcome === 'older-epoch') throw new Overtaken('a newer epoch is registered');
}

function reasonOf(error: DependencyUnavailable): string {
  const { cause } = error;
  return cause instanceof Error ? `${error.message}: ${cause.message}` : error.message;
}
