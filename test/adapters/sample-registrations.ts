import type { Registration } from '../../functions/core/caller/registration.ts';

/** A registered caller, with what matters to a test. */
export const registrationOf = (name: string, about: Partial<Registration> = {}): Registration => ({
  name,
  owner: `who owns ${name}`,
  team: 'a team',
  purpose: 'what for',
  lane: 'critical',
  operations: ['read'],
  ratePerSecond: 10,
  generation: 1,
  disabledSinceMs: null,
  keys: [],
  dropped: [],
  ...about,
});

export const sampleRegistrations: readonly Registration[] = [
  registrationOf('campaigns', {
    lane: 'marketing',
    disabledSinceMs: 7,
    keys: [{ hash: 'c1', sinceMs: 1 }],
  }),
  registrationOf('leaving', { dropped: [{ hash: 'l1', sinceMs: 3 }] }),
  registrationOf('orders', {
    keys: [
      { hash: 'o1', sinceMs: 1 },
      { hash: 'o2', sinceMs: 2 },
    ],
  }),
];
