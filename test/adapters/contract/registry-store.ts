import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RegistryStore } from '../../../functions/core/caller/ports.ts';
import { disabled, joinedAll, withKey, withoutKey } from '../../../functions/core/caller/registration.ts';
import { type Clock, deadlineAfter } from '../../../functions/core/kernel/clock.ts';
import { registrationOf, sampleRegistrations } from '../sample-registrations.ts';

export interface RegistryStoreSubject {
  /** An empty one, as two operators see it. */
  readonly store: RegistryStore;
  readonly other: RegistryStore;
  readonly clock: Clock;
  end(): Promise<void>;
}

export function registryStoreContract(name: string, makeSubject: () => Promise<RegistryStoreSubject>): void {
  describe(`registry store: ${name}`, () => {
    let subject: RegistryStoreSubject;
    beforeEach(async () => {
      subject = await makeSubject();
    });
    afterEach(() => subject.end());
    const soon = () => deadlineAfter(subject.clock, 20_000);
    const orders = registrationOf('orders', { keys: [{ hash: 'o1', sinceMs: 1 }] });

    test('says so when nobody was ever registered', async () => {
      expect(await subject.store.read(soon())).toBeNull();
    });

    test('has everybody who was put there, in the order of their names', async () => {
      await subject.store.join(sampleRegistrations, soon());
      expect(await subject.other.read(soon())).toEqual(sampleRegistrations);
    });

    test('joins what is put with what stands: an older view brings nothing back', async () => {
      await subject.store.join([orders], soon());
      const rotated = withKey(orders, 'o2', 2);
      await subject.other.join([withoutKey(rotated, 'o1', 3)], soon());
      await subject.store.join([orders], soon());
      const [standing] = (await subject.store.read(soon())) ?? [];
      expect(standing?.keys.map(({ hash }) => hash)).toEqual(['o2']);
      await subject.store.join([disabled(orders, 5)], soon());
      await subject.other.join([rotated], soon());
      expect((await subject.other.read(soon()))?.[0]?.disabledSinceMs).toBe(5);
    });

    test('two that change different callers at once lose nothing of each other', async () => {
      const mine = Array.from({ length: 6 }, (_, index) => registrationOf(`mine-${index}`));
      const yours = Array.from({ length: 6 }, (_, index) => registrationOf(`yours-${index}`));
      await Promise.all([
        ...mine.map((each) => subject.store.join([each], soon())),
        ...yours.map((each) => subject.other.join([each], soon())),
      ]);
      expect(await subject.store.read(soon())).toEqual(joinedAll(mine, yours));
    });
  });
}
