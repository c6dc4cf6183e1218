/** From a decided change to the event that its sinks get. */
import { cacheKeyOfIdentifier, cacheKeyOfMember, type MemberEvent } from '../propagation/event.ts';
import type { Change, Member } from './member.ts';
import type { WriteRequest } from './outcomes.ts';

/** Everything that the sinks need of a change, in one event. `member` is the change's, at its version. */
export function eventOf(
  change: Change,
  member: Member,
  sealed: string,
  epoch: number,
  request: WriteRequest,
): MemberEvent {
  const { memberId, version, status, holdings, updatedAt } = member;
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
    history: {
      caller: request.caller,
      operation: change.operation,
      idempotencyKey: request.idempotencyKey,
      at: updatedAt,
      taken: change.taken.map(({ key }) => key),
      freed: change.freed.map(({ key }) => key),
    },
    idempotency: {
      caller: request.caller,
      key: request.idempotencyKey,
      requestHash: request.requestHash,
      receipt: { memberId, version, epoch },
    },
  };
}
