/**
 * Whether callers shall be led to a centre: whether it can serve by itself, and is not being left.
 *
 *   serving   a Redis of its own answers, and so does a source of its own. One of each is enough; what the rest lacks costs
 *             its own work only
 *   failing   one of the two is missing
 *   draining  its topology says that it is to be left. It serves whatever still comes
 *
 * Nothing in the other centre is asked.
 */
import type { CacheCluster } from '../core/cache/ports.ts';
import type { CentreState } from '../core/failover/centre-state.ts';
import { type Clock, type Deadline, within } from '../core/kernel/clock.ts';
import { orNull } from '../core/kernel/invariant.ts';
import type { MemberSource } from '../core/member/ports.ts';
import { cacheKeyOfMember } from '../core/propagation/event.ts';

export interface Health {
  check(deadline: Deadline): Promise<'serving' | 'failing' | 'draining'>;
}

/** Nobody's: reading it costs least, and touches no member. */
const probeMemberId = '00000000-0000-0000-0000-000000000000';

const probeMs = 500;

export function makeHealth(ports: {
  readonly caches: readonly CacheCluster[];
  readonly sources: readonly MemberSource[];
  readonly centreState: Pick<CentreState, 'saw' | 'current'>;
  readonly clock: Clock;
}): Health {
  return {
    async check(deadline) {
      const probing = within(ports.clock, deadline, probeMs);
      const caches = ports.caches.map(async (cache) =>
        ports.centreState.saw((await cache.read(cacheKeyOfMember(probeMemberId), [], probing)).state),
      );
      const sources = ports.sources.map((source) => source.member(probeMemberId, probing));
      const answers = await Promise.all([someAnswer(caches), someAnswer(sources)]);
      if (!answers.every(Boolean)) return 'failing';
      const topology = await orNull(ports.centreState.current(probing));
      return topology?.isDraining ? 'draining' : 'serving';
    },
  };
}

async function someAnswer(questions: readonly Promise<unknown>[]): Promise<boolean> {
  return Promise.any(questions).then(
    () => true,
    () => false,
  );
}
