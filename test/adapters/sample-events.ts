import type { DirectoryChange } from '../../functions/core/directory/directory.ts';
import type { MemberEvent } from '../../functions/core/propagation/event.ts';

export interface SampleEvent {
  readonly memberId: string;
  readonly version: number;
  readonly epoch?: number;
  readonly sealed?: string;
  readonly cancelled?: boolean;
  readonly directory?: readonly DirectoryChange[];
  readonly identifiers?: MemberEvent['identifiers'];
}

/** An event with as much said as matters; the rest is made up. */
export function sampleEvent(sample: SampleEvent): MemberEvent {
  const { memberId, version, epoch = 1, directory = [] } = sample;
  const bound = directory.filter(({ to }) => to === 'bound').map(({ key, token }) => ({ key, token }));
  return {
    memberId,
    version,
    epoch,
    member: {
      memberId,
      version,
      status: sample.cancelled ? 'cancelled' : 'active',
      sealed: sample.sealed ?? `sealed ${memberId} at ${version}`,
    },
    directory,
    cacheKeys: [`m:${memberId}`, ...directory.map(({ key }) => `i:${key}` as const)],
    identifiers: sample.identifiers ?? bound,
    history: {
      format: 2,
      epoch,
      caller: 'orders',
      operation: 'update',
      reason: 'update',
      idempotencyKey: `key-${version}`,
      at: '2026-01-02T03:04:05.678Z',
      changed: ['name'],
      held: bound.map(({ key }) => ({ field: 'phone', key })),
      taken: bound.map(({ key }) => ({ field: 'phone', key })),
      freed: directory.filter(({ to }) => to === 'free').map(({ key }) => ({ field: 'phone', key })),
    },
    idempotency: {
      caller: 'orders',
      key: `key-${version}`,
      requestHash: 'hash',
      receipt: { memberId, version, epoch },
    },
  };
}
