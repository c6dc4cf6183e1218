import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Caller } from '../../../functions/core/caller/caller.ts';
import type { CallerRegistry } from '../../../functions/core/caller/ports.ts';
import { type Clock, deadlineAfter } from '../../../functions/core/kernel/clock.ts';

export interface CallerRegistrySubject {
  readonly registry: CallerRegistry;
  readonly clock: Clock;
  /** Puts everything back. */
  end(): Promise<void>;
}

export const sampleCallers: readonly Caller[] = [
  {
    name: 'orders',
    owner: 'order team',
    purpose: 'who orders',
    lane: 'critical',
    state: 'active',
    keyHashes: ['o1', 'o2'],
  },
  {
    name: 'campaigns',
    owner: 'growth',
    purpose: 'whom to write to',
    lane: 'marketing',
    state: 'disabled',
    keyHashes: ['c1'],
  },
  { name: 'leaving', owner: 'nobody', purpose: 'none', lane: 'marketing', state: 'active', keyHashes: [] },
];

/** @param makeSubject a registry of {@link sampleCallers} */
export function callerRegistryContract(
  name: string,
  makeSubject: () => Promise<CallerRegistrySubject>,
): void {
  describe(`caller registry: ${name}`, () => {
    let subject: CallerRegistrySubject;
    beforeAll(async () => {
      subject = await makeSubject();
    });
    afterAll(() => subject.end());
    const find = (keyHash: string) =>
      subject.registry.byKeyHash(keyHash, deadlineAfter(subject.clock, 10_000));

    test('finds a caller by each of its keys', async () => {
      expect(await find('o1')).toEqual(sampleCallers[0]);
      expect(await find('o2')).toEqual(sampleCallers[0]);
    });

    test('finds one that is disabled: whether it may ask is not for the registry to say', async () => {
      expect(await find('c1')).toEqual(sampleCallers[1]);
    });

    test.each(['', 'o3', 'orders', '__proto__'])('knows nobody with the key %j', async (keyHash) => {
      expect(await find(keyHash)).toBeNull();
    });
  });
}
