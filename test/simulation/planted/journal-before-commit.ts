import type { Plant } from './plant.ts';

export const journalBeforeCommit: Plant = {
  name: 'journal-before-commit',
  what: 'The change is appended to the journal before it is committed: a promotion would carry out what nobody committed.',
  invariants: ['I3'],
  patches: [
    {
      file: 'functions/core/member/write-flow.ts',
      find: 'const committed = await members.commit(',
      replace:
        "await sinks.journals.B.append(databaseCluster, event, { epoch, centre: 'A' }, deadline); const committed = await members.commit(",
    },
  ],
};
