/** From a decided change to the event that its sinks get. */
import { cacheKeyOfIdentifier, cacheKeyOfMember, type MemberEvent } from '../propagation/event.ts';
import { historyEntryOf } from './history.ts';
import type { Change, Member } from './member.ts';
import type { WriteRequest } from './outcomes.ts';

/** Everything that the sinks need of a change, in one event. `member` is the change's, at its version. */
export function eventOf(
  change: Change,
  member: Member,
  sealed: string,
  epoch: number,
  at: string,
  request: WriteRequest,
): MemberEvent {
  const { memberId, version, status, holdings } = member;
  const before = change.before?.holdings ?? [];
  const keys = new Set([...before, ...holdings].map((held) => held.key));
  return {
    memberId,
    version,
    epoch,
    member: { memberId, version, status, sealed },
    directory: [
      ...change.taken.map(({ key, token }) => ({ key, token, to: 'bound' as const })),
      ...change.freed.map(({ key, token }) => ({ key, token, to: 'free' as const })),
    ],
    cacheKeys: [cacheKeyOfMember(memberId), ...[...keys].map(cacheKeyOfIdentifier)],
    identifiers: holdings.map(({ key, token }) => ({ key, token })),
    history: historyEntryOf(change, member, epoch, at, request),
    idempotency: {
      caller: request.caller,
      key: request.idempotencyKey,
      requestHash: request.requestHash,
      receipt: { memberId, version, epoch },
    },
    ...(request.trace !== undefined && { trace: request.trace }),
  };
}
