import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CallerRegistry } from '../../../functions/core/caller/ports.ts';
import { type Clock, deadlineAfter } from '../../../functions/core/kernel/clock.ts';

export interface CallerRegistrySubject {
  readonly registry: CallerRegistry;
  readonly clock: Clock;
  /** Puts everything back. */
  end(): Promise<void>;
}

/** @param makeSubject a registry of `sampleRegistrations` */
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
      expect(await find('o1')).toMatchObject({ name: 'orders', lane: 'critical', state: 'active' });
      expect(await find('o2')).toEqual(await find('o1'));
    });

    test('finds one that is disabled: whether it may ask is not for the registry to say', async () => {
      expect(await find('c1')).toMatchObject({ name: 'campaigns', state: 'disabled' });
    });

    test.each(['', 'o3', 'orders', '__proto__', 'l1'])('knows nobody with the key %j', async (keyHash) => {
      expect(await find(keyHash)).toBeNull();
    });
  });
}
