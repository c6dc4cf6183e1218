import type { Plant } from './plant.ts';

export const registrationNotRecovered: Plant = {
  name: 'registration-not-recovered',
  what: 'A promotion carries registrations out without the record of their (caller, key).',
  invariants: ['I8', 'I6'],
  theme: 'promoting',
  isRare: true,
  patches: [
    {
      file: 'functions/core/failover/recovery.ts',
      find: 'if (records.length > 0) done(',
      replace: 'if (records.length > 1_000_000) done(',
    },
  ],
};
