import type { Plant } from './plant.ts';

export const registrationForgotten: Plant = {
  name: 'registration-forgotten',
  what: 'A registration makes a member of its own for each attempt.',
  invariants: ['I8'],
  patches: [
    {
      file: 'functions/adapters/memory/registrations.ts',
      find: 'tables.registration.get(name) ?? ',
      replace: '',
    },
  ],
};
