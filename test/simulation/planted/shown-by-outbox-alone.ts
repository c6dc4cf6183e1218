import type { Plant } from './plant.ts';

export const shownByOutboxAlone: Plant = {
  name: 'shown-by-outbox-alone',
  what: 'A replica counts as showing a change by its outbox row alone: a directory row in another database cluster may lag.',
  invariants: ['I3', 'I4', 'I6'],
  patches: [
    {
      file: 'functions/core/propagation/shown.ts',
      find: 'event.directory.every(({ key }) => !missing.has(nameOf({ key, version: event.version })))',
      replace: 'event.directory.length >= 0',
    },
  ],
};
