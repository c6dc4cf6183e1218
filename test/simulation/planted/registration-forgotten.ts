import type { Plant } from './plant.ts';

/** A registration makes a member of its own for each attempt. */
export const registrationForgotten: Plant = {
  name: 'registration-forgotten',
  invariants: ['I8'],
  patches: [
    {
      file: 'functions/adapters/memory/registrations.ts',
      find: 'tables.registration.get(name) ?? ',
      replace: '',
    },
  ],
};
