/**
 * Whether a centre can serve by itself: a Redis of its own answers, and so does a source of its own. One of each is
 * enough; what the rest lacks costs its own work only. Nothing in the other centre is asked.
 */
import type { CacheCluster } from '../core/cache/ports.ts';
import { type Clock, type Deadline, within } from '../core/kernel/clock.ts';
import type { MemberSource } from '../core/member/ports.ts';
import { cacheKeyOfMember } from '../core/propagation/event.ts';

export interface Health {
  check(deadline: Deadline): Promise<'serving' | 'failing'>;
}

/** Nobody's: reading it costs least, and touches no member. */
const probeMemberId = '00000000-0000-0000-0000-000000000000';

const probeMs = 500;

export function makeHealth(ports: {
  readonly caches: readonly CacheCluster[];
  readonly sources: readonly MemberSource[];
  readonly clock: Clock;
}): Health {
  return {
    async check(deadline) {
      const probing = within(ports.clock, deadline, probeMs);
      const caches = ports.caches.map((cache) => cache.read(cacheKeyOfMember(probeMemberId), [], probing));
      const sources = ports.sources.map((source) => source.member(probeMemberId, probing));
      const answers = await Promise.all([someAnswer(caches), someAnswer(sources)]);
      return answers.every(Boolean) ? 'serving' : 'failing';
    },
  };
}

async function someAnswer(questions: readonly Promise<unknown>[]): Promise<boolean> {
  return Promise.any(questions).then(
    () => true,
    () => false,
  );
}
