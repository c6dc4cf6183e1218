/**
 * Touching a member: a change that changes nothing, of the current epoch, above a version that some store has of it. What
 * such a store has was written by a writer that is gone, and its change is not in the database: a store never goes back to
 * an older version, so the database goes on to a newer one. A write like any other.
 */
import type { Deadline } from '../kernel/clock.ts';
import { decideRefresh } from './member.ts';
import { makeWriteFlow, type WriteFlowPorts } from './write-flow.ts';

/** Who made these changes, in the history. No caller of the API can have this name. */
const touchingCaller = 'operator:resync';

/** @returns whether it is done: an outcome that is not known, or had no receipt, is none. */
export type Touch = (memberId: string, above: number, deadline: Deadline) => Promise<boolean>;

export function makeTouch(ports: WriteFlowPorts): Touch {
  const flow = makeWriteFlow(ports);
  return async (memberId, above, deadline) => {
    // The same finding again is the same request.
    const idempotencyKey = `touch.${above}`;
    const request = { caller: touchingCaller, idempotencyKey, requestHash: idempotencyKey };
    const outcome = await flow(memberId, request, deadline, (member) =>
      member && member.version <= above
        ? { kind: 'change', wanted: [], above, change: () => decideRefresh(member, [], []) }
        : { kind: 'answer', outcome: { kind: 'no-such-member' } },
    );
    return outcome.kind === 'done' || outcome.kind === 'no-such-member';
  };
}
