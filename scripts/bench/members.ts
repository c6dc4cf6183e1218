/** Members to read: sealed and cached as the service would have them. */
import { createHash } from 'node:crypto';
import { entryOf } from '../../functions/core/cache/entry.ts';
import { pick } from '../../functions/core/cache/rendezvous.ts';
import { firstEpoch } from '../../functions/core/failover/epoch.ts';
import { deadlineAfter } from '../../functions/core/kernel/clock.ts';
import { eventOf } from '../../functions/core/member/event-of.ts';
import type { Identifier } from '../../functions/core/member/identifiers.ts';
import { decideRegister, type Member, type StoredMember } from '../../functions/core/member/member.ts';
import {
  type CacheKey,
  cacheKeyOfIdentifier,
  cacheKeyOfMember,
  type MemberEvent,
} from '../../functions/core/propagation/event.ts';
import type { OperatorParts } from './service.ts';

const lifetimeMs = 3_600_000;
const seedMs = 30_000;

export interface Sample {
  readonly phone: string;
  readonly member: Member;
  readonly stored: StoredMember;
  readonly event: MemberEvent;
}

/** The identifiers of the `index`th member: a phone, two accounts and a union id. */
export function identifiersOf(series: string, index: number): readonly Identifier[] {
  const digest = createHash('sha256').update(series).digest();
  const block = String((digest.readUInt32BE(0) % 9_000_000) + 1_000_000);
  return [
    { kind: 'phone', value: `+86${block}${String(index).padStart(6, '0')}` },
    { kind: 'account', platform: 'tongcheng-app', value: `tc-${series}-${index}` },
    { kind: 'account', platform: 'elong-app', value: `el-${series}-${index}` },
    { kind: 'unionId', value: `o-${series}-${index}` },
  ];
}

export function makeSamples(own: OperatorParts, series: string, count: number): readonly Sample[] {
  const { ids, hasher, sealer } = own;
  return Array.from({ length: count }, (_, index) => {
    const holdings = identifiersOf(series, index).map((identifier) => ({
      identifier,
      key: hasher.keysOf(identifier)[0] ?? '',
      token: ids.token(),
    }));
    const at = new Date().toISOString();
    const change = decideRegister(ids.memberId(), `王小明 ${index}`, holdings, at);
    const member = { ...change.after, version: 2 ** 32 + 1 };
    const request = { caller: 'orders', idempotencyKey: `${series}-${index}`, requestHash: 'bench' };
    const event = eventOf(change, member, sealer.seal(member), 1, at, request);
    return { phone: holdings[0]?.identifier.value ?? '', member, stored: event.member, event };
  });
}

/** Puts every sample where its reader looks, under its id and under its phone. */
export async function cacheSamples(own: OperatorParts, samples: readonly Sample[]): Promise<void> {
  const caches = own.sinks.caches.A;
  const names = Object.keys(caches);
  const deadline = deadlineAfter(own.clock, seedMs);
  const put = async (key: CacheKey, { stored }: Sample): Promise<void> => {
    const cache = caches[pick(names, key)];
    const { version } = stored;
    await cache?.lease([key], 'bench', lifetimeMs, firstEpoch.epoch, deadline);
    const fill = { key, version, value: entryOf(stored, version), lifetimeMs };
    const [filled] = (await cache?.fill('bench', [fill], deadline)) ?? [];
    if (filled !== 'filled') throw new Error('a sample cannot be cached');
  };
  for (const sample of samples) {
    await put(cacheKeyOfMember(sample.member.memberId), sample);
    await put(cacheKeyOfIdentifier(sample.member.holdings[0]?.key ?? ''), sample);
  }
}
