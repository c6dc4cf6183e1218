import type { Plant } from './plant.ts';

export const versionOfMemberOnly: Plant = {
  name: 'version-of-member-only',
  what: "Versions follow the member alone: a young member's binding looks older than the last unbinding of the identifier.",
  invariants: ['I4', 'I6'],
  patches: [
    {
      file: 'functions/core/member/write-flow.ts',
      find: '...taken.map((claim) => claim.version),',
      replace: '',
    },
  ],
};
