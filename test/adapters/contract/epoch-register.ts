import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { EpochRegister, RegisteredEpoch } from '../../../functions/core/failover/ports.ts';
import { type Clock, type Deadline, deadlineAfter } from '../../../functions/core/kernel/clock.ts';

export interface EpochRegisterSubject {
  readonly register: EpochRegister;
  readonly clock: Clock;
  /** Puts everything back. */
  end(): Promise<void>;
}

/** @param makeSubject a register that holds `initial` and has promised nothing yet */
export function epochRegisterContract(
  name: string,
  makeSubject: (initial: RegisteredEpoch) => Promise<EpochRegisterSubject>,
): void {
  describe(`epoch register: ${name}`, () => {
    let subject: EpochRegisterSubject;
    let register: EpochRegister;
    const soon = (): Deadline => deadlineAfter(subject.clock, 10_000);

    beforeEach(async () => {
      subject = await makeSubject({ epoch: 4, centre: 'A' });
      register = subject.register;
    });
    afterEach(() => subject.end());

    test('says what it holds', async () => {
      expect(await register.read(soon())).toEqual({ epoch: 4, centre: 'A', longestPromiseMs: 0 });
    });

    test('promises to the epoch it holds, and remembers the longest promise', async () => {
      expect(await register.renew({ epoch: 4, centre: 'A' }, 3_000, soon())).toBe('promised');
      expect(await register.renew({ epoch: 4, centre: 'A' }, 9_000, soon())).toBe('promised');
      expect(await register.renew({ epoch: 4, centre: 'A' }, 2_000, soon())).toBe('promised');
      expect(await register.read(soon())).toEqual({ epoch: 4, centre: 'A', longestPromiseMs: 9_000 });
    });

    test.each([
      ['an older epoch', { epoch: 3, centre: 'A' }],
      ['its epoch in another centre', { epoch: 4, centre: 'B' }],
      ['a newer epoch, to which only raising moves it', { epoch: 5, centre: 'A' }],
      ['a newer epoch of another centre', { epoch: 5, centre: 'B' }],
    ] as const)('promises nothing to %s', async (_, epoch) => {
      expect(await register.renew(epoch, 60_000, soon())).toBe('older-epoch');
      expect(await register.read(soon())).toEqual({ epoch: 4, centre: 'A', longestPromiseMs: 0 });
    });

    test('is raised to a newer epoch, of either centre, and keeps its longest promise', async () => {
      await register.renew({ epoch: 4, centre: 'A' }, 7_000, soon());
      expect(await register.raise({ epoch: 5, centre: 'B' }, soon())).toBe('raised');
      expect(await register.read(soon())).toEqual({ epoch: 5, centre: 'B', longestPromiseMs: 7_000 });
      expect(await register.raise({ epoch: 9, centre: 'B' }, soon())).toBe('raised');
      expect(await register.read(soon())).toEqual({ epoch: 9, centre: 'B', longestPromiseMs: 7_000 });
    });

    test('is raised again to what it holds without any change', async () => {
      expect(await register.raise({ epoch: 5, centre: 'B' }, soon())).toBe('raised');
      expect(await register.raise({ epoch: 5, centre: 'B' }, soon())).toBe('raised');
      expect(await register.read(soon())).toEqual({ epoch: 5, centre: 'B', longestPromiseMs: 0 });
    });

    test.each([
      ['an older epoch', { epoch: 3, centre: 'B' }],
      ['its epoch in another centre', { epoch: 4, centre: 'B' }],
    ] as const)('is not raised to %s', async (_, epoch) => {
      expect(await register.raise(epoch, soon())).toBe('older-epoch');
      expect(await register.read(soon())).toEqual({ epoch: 4, centre: 'A', longestPromiseMs: 0 });
    });

    test('promises nothing to the epoch it was raised from', async () => {
      await register.renew({ epoch: 4, centre: 'A' }, 1_000, soon());
      await register.raise({ epoch: 5, centre: 'B' }, soon());
      expect(await register.renew({ epoch: 4, centre: 'A' }, 60_000, soon())).toBe('older-epoch');
      expect((await register.read(soon())).longestPromiseMs).toBe(1_000);
      expect(await register.renew({ epoch: 5, centre: 'B' }, 2_000, soon())).toBe('promised');
    });

    test('lets one of two centres have an epoch that both want at once', async () => {
      const outcomes = await Promise.all([
        register.raise({ epoch: 5, centre: 'A' }, soon()),
        register.raise({ epoch: 5, centre: 'B' }, soon()),
      ]);
      expect([...outcomes].sort()).toEqual(['older-epoch', 'raised']);
      const winner = outcomes[0] === 'raised' ? 'A' : 'B';
      expect(await register.read(soon())).toMatchObject({ epoch: 5, centre: winner });
    });

    test('remembers the longest of promises given at once', async () => {
      const lengths = [1_000, 5_000, 2_000, 8_000, 3_000];
      const outcomes = await Promise.all(
        lengths.map((length) => register.renew({ epoch: 4, centre: 'A' }, length, soon())),
      );
      expect(new Set(outcomes)).toEqual(new Set(['promised']));
      expect((await register.read(soon())).longestPromiseMs).toBe(8_000);
    });
  });
}
