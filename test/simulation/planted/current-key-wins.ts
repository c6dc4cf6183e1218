import type { Plant } from './plant.ts';

export const currentKeyWins: Plant = {
  name: 'current-key-wins',
  what: 'Who is held under both keys of an identifier is answered as the current key has it, which not everybody fences.',
  invariants: ['I4'],
  theme: 'rotating',
  patches: [
    {
      file: 'functions/core/cache/answers.ts',
      find: "if (byCurrent.kind === 'nobody') return unsure(byOlder);",
      replace: "if (byCurrent.kind === 'nobody') return byCurrent;",
    },
    {
      file: 'functions/core/cache/answers.ts',
      find: 'return byCurrent.member.version >= byOlder.member.version ? byCurrent : byOlder;',
      replace: 'return byCurrent;',
    },
  ],
};
