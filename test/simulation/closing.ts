/**
 * How a promotion begins, done from outside: the registers of B and of the witness are raised, the longest promise is
 * waited out, then the search aliases of the old epoch go. A's writers are never told: they must find out, and whatever
 * they still do must count for nothing (I5). Only what is built is judged: nothing is promoted afterwards.
 */
import { openMemorySearchEpoch } from '../../functions/adapters/memory/search-cluster.ts';
import type { RegisteredEpoch } from '../../functions/core/failover/ports.ts';
import { broken, type Violation } from './checks.ts';
import type { Engines } from './engines.ts';
import { watch } from './observe.ts';
import type { Surroundings } from './process.ts';

const next: RegisteredEpoch = { epoch: 2, centre: 'B' };

/** Begins it. Every change that comes too late is reported. */
export function close(
  { scheduler, random, trace }: Surroundings,
  engines: Engines,
  report: (violation: Violation) => void,
): void {
  const late = (store: string, what: string, keys: readonly string[]): void =>
    report(broken('I5', 'oneWriter', `${store} took ${what} of an older epoch after it was closed`, keys));

  const closeWriters = (): void => {
    trace.note('~ the longest promise has passed: no writer of epoch 1 may change anything any more');
    for (const [name, { writer }] of Object.entries(engines.clusters)) {
      watch(writer.member, (memberId) => late(name, 'a commit', [memberId]));
      watch(writer.directory, (key) => late(name, 'a directory row', [key]));
      watch(writer.token, (token) => late(name, 'a decided token', [token]));
      watch(writer.redisGrant, (redis) => late(name, 'a grant', [redis]));
    }
    for (const [name, state] of Object.entries(engines.search)) {
      openMemorySearchEpoch(state, next.epoch);
      watch(state.members, (memberId) => late(name, 'a document', [memberId]));
      watch(state.identifiers, (key) => late(name, 'a document', [key]));
    }
  };

  engines.journals.B.register.held = next;
  trace.note('~ the register of B is raised to epoch 2');
  watch(engines.journals.B.entries, (_, entry) => {
    if (entry) late('the journal of B', 'an entry', [entry.event.memberId]);
  });
  let isRaised = false;
  const raiseWitness = (): void => {
    if (isRaised) return;
    isRaised = true;
    engines.witness.held = next;
    trace.note('~ the register of the witness is raised to epoch 2');
    const longestMs = Math.max(engines.journals.B.register.longestPromiseMs, given.longestMs);
    // A thousandth more: clocks do not run alike.
    scheduler.after(longestMs * 1.001, closeWriters);
  };
  // Mostly right after a promise, which is when the least of it has passed.
  const given = { longestMs: engines.witness.longestPromiseMs };
  Object.defineProperty(engines.witness, 'longestPromiseMs', {
    get: () => given.longestMs,
    set(ms: number) {
      given.longestMs = ms;
      scheduler.after(random.fraction() * 5, raiseWitness);
    },
  });
  scheduler.after(random.chance(0.2) ? random.pause(500) : 4_000, raiseWitness);
}
