/**
 * Changes to the registry of callers, in both centres: what an operator's command does. Every change may be broken off
 * anywhere and run again. What refuses goes first: a key is revoked in every Redis of both centres before a registry
 * says so, and what could not be reached is named; the relays carry a revocation on from any place that was.
 */
import { type Clock, type Deadline, within } from '../kernel/clock.ts';
import { DependencyUnavailable } from '../kernel/invariant.ts';
import { type CentreName, centreNames } from '../propagation/event.ts';
import type { CallerCopies, RegistryStore } from './ports.ts';
import {
  disabled,
  isSame,
  joinedAll,
  type Registration,
  refusedKeys,
  withKey,
  withoutKey,
} from './registration.ts';

/** Of one call: what is away must not keep the rest waiting. */
const partShareMs = 4_000;

export interface RegistrarPorts {
  readonly registries: Readonly<Record<CentreName, RegistryStore>>;
  readonly caches: Readonly<Record<CentreName, readonly CallerCopies[]>>;
  /** Reads the registry that a Redis has a copy of; a damaged one holds nobody. */
  parse(text: string): readonly Registration[];
  /** A new key, and the hash that it is known by. */
  newKey(): { readonly key: string; readonly hash: string };
  readonly clock: Clock;
}

/** What a new caller is said to be. */
export type Particulars = Pick<
  Registration,
  'name' | 'owner' | 'team' | 'purpose' | 'lane' | 'operations' | 'ratePerSecond'
>;

/** A part that was not reached, and why. */
export interface Missed {
  readonly part: string;
  readonly why: string;
}

type Missing = { readonly missed: readonly Missed[] };

export type RegistrarOutcome =
  /** `key` is told once: nothing keeps it. */
  | ({ readonly kind: 'added' | 'rotated'; readonly key: string } & Missing)
  /** It was there; a centre that lacked it has it now. */
  | ({ readonly kind: 'exists' | 'finished-earlier' } & Missing)
  | ({ readonly kind: 'disabled'; readonly caller: string } & Missing)
  | ({ readonly kind: 'unknown' | 'is-disabled' | 'one-centre-only' | 'not-written' } & Missing);

interface View {
  /** Null for a centre whose registry did not answer. */
  readonly standing: Readonly<Record<CentreName, readonly Registration[] | null>>;
  readonly joined: readonly Registration[];
  readonly missed: readonly Missed[];
}

export type Registrar = ReturnType<typeof makeRegistrar>;

export function makeRegistrar({ registries, caches, parse, newKey, clock }: RegistrarPorts) {
  const share = (deadline: Deadline): Deadline => within(clock, deadline, partShareMs);
  const allCaches = centreNames.flatMap((centre) => caches[centre]);

  async function view(deadline: Deadline): Promise<View> {
    const read = await Promise.all(
      centreNames.map((centre) => attempt(registries[centre].read(share(deadline)))),
    );
    const [A, B] = read.map((each) => ('value' in each ? (each.value ?? []) : null));
    const standing = { A: A ?? null, B: B ?? null };
    const missed = centreNames.flatMap((centre, index) => missedAt(registries[centre].name, read[index]));
    return { standing, joined: joinedAll(standing.A ?? [], standing.B ?? []), missed };
  }

  /** Brings callers to every registry that was read and lacks something of them. */
  async function save({ standing }: View, callers: readonly Registration[], deadline: Deadline) {
    const written = await Promise.all(
      centreNames.map(async (centre) => {
        const stood = standing[centre];
        if (stood === null) return { isThere: false, missed: [] };
        const lacking = callers.filter((caller) => !isSame(named(stood, caller.name), caller));
        if (lacking.length === 0) return { isThere: true, missed: [] };
        const done = await attempt(registries[centre].join(lacking, share(deadline)));
        return { isThere: 'value' in done, missed: missedAt(registries[centre].name, done) };
      }),
    );
    return {
      isSomewhere: written.some(({ isThere }) => isThere),
      missed: written.flatMap((each) => each.missed),
    };
  }

  async function revoke(hashes: readonly string[], deadline: Deadline): Promise<readonly Missed[]> {
    const done = await Promise.all(allCaches.map((cache) => attempt(cache.revoke(hashes, share(deadline)))));
    return allCaches.flatMap((cache, index) => missedAt(cache.name, done[index]));
  }

  /** What is known of callers where no registry answers: what its copies say. */
  async function copied(deadline: Deadline): Promise<readonly Registration[]> {
    const copies = await Promise.all(allCaches.map((cache) => attempt(cache.registry(share(deadline)))));
    return joinedAll(...copies.map((copy) => ('value' in copy && copy.value ? parse(copy.value.text) : [])));
  }

  /** Refuses keys first, then has the registries say why. */
  async function refuse(
    seen: View,
    before: Registration,
    after: Registration,
    deadline: Deadline,
  ): Promise<RegistrarOutcome> {
    const hashes = refusedKeys(after).map(({ hash }) => hash);
    const unrevoked = await revoke(hashes, deadline);
    const { missed } = await save(seen, [after], deadline);
    return { kind: 'disabled', caller: before.name, missed: [...seen.missed, ...unrevoked, ...missed] };
  }

  async function known(deadline: Deadline): Promise<View> {
    const seen = await view(deadline);
    return { ...seen, joined: joinedAll(seen.joined, seen.missed.length > 0 ? await copied(deadline) : []) };
  }

  return {
    async add(particulars: Particulars, deadline: Deadline): Promise<RegistrarOutcome> {
      const seen = await view(deadline);
      const standing = named(seen.joined, particulars.name);
      if (standing && standing.disabledSinceMs === null) {
        const { missed } = await save(seen, [standing], deadline);
        return { kind: 'exists', missed: [...seen.missed, ...missed] };
      }
      const { key, hash } = newKey();
      const fresh: Registration = {
        ...particulars,
        generation: (standing?.generation ?? 0) + 1,
        disabledSinceMs: null,
        keys: [{ hash, sinceMs: clock.nowMs() }],
        dropped: [],
      };
      const [caller] = joinedAll(standing ? [standing] : [], [fresh]);
      const { isSomewhere, missed } = await save(seen, caller ? [caller] : [], deadline);
      const all = [...seen.missed, ...missed];
      return isSomewhere ? { kind: 'added', key, missed: all } : { kind: 'not-written', missed: all };
    },

    /**
     * One more key; of three the oldest is dropped. An earlier change that is not in both registries is finished
     * instead: the key that it told may be in use.
     * @param onOneCentre although only one registry answers: whether the other has an earlier change is not known
     */
    async rotate(name: string, onOneCentre: boolean, deadline: Deadline): Promise<RegistrarOutcome> {
      const seen = await view(deadline);
      const standing = named(seen.joined, name);
      if (seen.missed.length > 0 && !onOneCentre) return { kind: 'one-centre-only', missed: seen.missed };
      if (!standing) return { kind: 'unknown', missed: seen.missed };
      if (standing.disabledSinceMs !== null) return { kind: 'is-disabled', missed: seen.missed };
      const isPending = centreNames.some(
        (centre) =>
          seen.standing[centre] !== null && !isSame(named(seen.standing[centre] ?? [], name), standing),
      );
      const { key, hash } = newKey();
      const next = isPending ? standing : withKey(standing, hash, clock.nowMs());
      const { isSomewhere, missed } = await save(seen, [next], deadline);
      if (!isSomewhere) return { kind: 'not-written', missed: [...seen.missed, ...missed] };
      // After the registries: a key that was dropped for one that nobody has would leave the caller without.
      const unrevoked = await revoke(
        refusedKeys(next).map((each) => each.hash),
        deadline,
      );
      const all = [...seen.missed, ...missed, ...unrevoked];
      return isPending ? { kind: 'finished-earlier', missed: all } : { kind: 'rotated', key, missed: all };
    },

    /** The caller, with all its keys, at once and for ever. */
    async disable(name: string, deadline: Deadline): Promise<RegistrarOutcome> {
      const seen = await known(deadline);
      const standing = named(seen.joined, name);
      if (!standing) return { kind: 'unknown', missed: seen.missed };
      return refuse(seen, standing, disabled(standing, clock.nowMs()), deadline);
    },

    /** One key, whoever has it. */
    async disableKey(hash: string, deadline: Deadline): Promise<RegistrarOutcome> {
      const seen = await known(deadline);
      const standing = seen.joined.find(({ keys, dropped }) =>
        [...keys, ...dropped].some((key) => key.hash === hash),
      );
      if (!standing) return { kind: 'unknown', missed: seen.missed };
      return refuse(seen, standing, withoutKey(standing, hash, clock.nowMs()), deadline);
    },

    /** Everybody, and where somebody is not as everywhere. */
    list: view,
  };
}

const named = (registrations: readonly Registration[], name: string): Registration | undefined =>
  registrations.find((each) => each.name === name);

type Attempt<Value> = { readonly value: Value } | { readonly why: string };

async function attempt<Value>(doing: Promise<Value>): Promise<Attempt<Value>> {
  try {
    return { value: await doing };
  } catch (error) {
    if (!(error instanceof DependencyUnavailable)) throw error;
    const { cause } = error;
    return { why: cause instanceof Error ? cause.message : String(cause) };
  }
}

const missedAt = (part: string, done: Attempt<unknown> | undefined): readonly Missed[] =>
  done !== undefined && 'why' in done ? [{ part, why: done.why }] : [];
