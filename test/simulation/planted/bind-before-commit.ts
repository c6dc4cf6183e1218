import type { Plant } from './plant.ts';

export const bindBeforeCommit: Plant = {
  name: 'bind-before-commit',
  what: "The directory's last step comes before the commit: the row looks free to take, and its token is never voided.",
  invariants: ['I1', 'I4', 'I6'],
  patches: [
    {
      file: 'functions/core/member/write-flow.ts',
      find: 'const committed = await members.commit(',
      replace:
        'await ports.directory.settle(event.directory, version, deadline); const committed = await members.commit(',
    },
  ],
};
