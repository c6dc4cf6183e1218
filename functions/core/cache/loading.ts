/**
 * Asking the sources, several targets at once: from the nearest to the writer, each for what those before it could not
 * tell. A lane that never asks the writer ends with a refusal instead.
 */
import { shareMs } from '../failover/durations.ts';
import { type Clock, type Deadline, within } from '../kernel/clock.ts';
import { DependencyUnavailable } from '../kernel/invariant.ts';
import type { SealBroken } from '../member/errors.ts';
import type { MemberSource, Sealer } from '../member/ports.ts';
import { ShareUsedUp } from './answers.ts';
import type { Entry } from './entry.ts';
import { findIn, type Target } from './find.ts';

/** What was found, where. */
export interface Loaded {
  readonly entry: Entry;
  readonly source: string;
  readonly final: boolean;
}

/** Why nothing could be answered; the writer's damage has to be seen. */
export type Failure = DependencyUnavailable | SealBroken;

/** A source that may be bound to a share of what is asked for. */
export interface ReadSource extends MemberSource {
  /** How many of so many targets it may be asked for now; they count as asked for. @default all of them */
  take?(wanted: number): number;
}

/** A target with the version that an answer must know at least. */
export interface Wanted {
  readonly target: Target;
  readonly minVersion: number;
}

export interface LoadingPorts {
  /** What is read before the writer, nearest first. */
  readonly sources: (deadline: Deadline) => Promise<readonly ReadSource[]>;
  /** Null for a lane that never asks it. */
  readonly writer: MemberSource | null;
  /** The same, asked where there is something else to answer from: it need not be waited for. @default writer */
  readonly writerIfWell?: MemberSource;
  readonly sealer: Sealer;
  readonly clock: Clock;
}

export interface Loading {
  /** From the nearest source that knows enough of each, at last the writer. */
  load(all: readonly Wanted[], deadline: Deadline): Promise<readonly (Loaded | Failure)[]>;
  /** From the writer, or null where it does not answer. */
  fromWriter(
    targets: readonly Target[],
    deadline: Deadline,
  ): Promise<readonly (Loaded | SealBroken | null)[]>;
}

export function makeLoading(ports: LoadingPorts): Loading {
  const { sources, writer, sealer, clock } = ports;
  const { writerIfWell = writer } = ports;
  const askWriter = async (
    at: MemberSource,
    targets: readonly Target[],
    deadline: Deadline,
  ): Promise<readonly (Loaded | Failure)[]> => {
    const found = await findIn(at, targets, sealer, deadline);
    return found.map((one) => {
      if (one instanceof Error) return one;
      // The writer is final: what it finds half done names nobody.
      return { entry: one ?? { found: null, version: null }, source: at.name, final: true };
    });
  };

  return {
    async load(all, deadline) {
      const outcomes: (Loaded | Failure)[] = [];
      const failures: DependencyUnavailable[] = [];
      let left = all.map((wanted, index) => ({ ...wanted, index }));
      for (const source of await sources(deadline)) {
        const admitted = source.take?.(left.length) ?? left.length;
        for (const { index } of left.slice(admitted)) {
          failures[index] = new DependencyUnavailable(source.name, new ShareUsedUp());
        }
        const asked = left.slice(0, admitted);
        if (asked.length === 0) continue;
        const targets = asked.map(({ target }) => target);
        const found = await findIn(source, targets, sealer, within(clock, deadline, shareMs.search));
        for (const [at, { index, minVersion }] of asked.entries()) {
          const one = found[at] ?? null;
          // A damaged copy is a source that cannot tell.
          if (one instanceof Error) failures[index] ??= unavailable(source.name, one);
          else if (one) {
            const { version } = one;
            if (version !== null && version >= minVersion)
              outcomes[index] = { entry: one, source: source.name, final: false };
          }
        }
        left = left.filter(({ index }) => outcomes[index] === undefined);
        if (left.length === 0) return outcomes;
      }
      if (writer) {
        const targets = left.map(({ target }) => target);
        const last = await askWriter(writer, targets, deadline);
        for (const [at, { index }] of left.entries()) outcomes[index] = last[at] as Loaded | Failure;
      } else {
        for (const { index } of left) outcomes[index] = failures[index] ?? noneKnows();
      }
      return outcomes;
    },

    async fromWriter(targets, deadline) {
      if (!writerIfWell || targets.length === 0) return targets.map(() => null);
      const loaded = await askWriter(writerIfWell, targets, within(clock, deadline, shareMs.writer));
      return loaded.map((one) => (one instanceof DependencyUnavailable ? null : one));
    },
  };
}

const unavailable = (part: string, error: Failure): DependencyUnavailable =>
  error instanceof DependencyUnavailable ? error : new DependencyUnavailable(part, error);

/** All answered, and none has what was acknowledged: an old answer is never given for want of a better one. */
const noneKnows = (): DependencyUnavailable =>
  new DependencyUnavailable('sources', new Error('none of this lane shows the newest change yet'));
