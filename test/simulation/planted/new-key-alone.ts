import type { Plant } from './plant.ts';

export const newKeyAlone: Plant = {
  name: 'new-key-alone',
  what: 'Who knows two keys of an identifier takes the current one alone, which not everybody knows.',
  invariants: ['I1', 'I2', 'I4', 'I6'],
  theme: 'rotating',
  patches: [
    {
      file: 'functions/core/member/write-flow.ts',
      find: 'hasher.keysOf(identifier).map((key)',
      replace: 'hasher.keysOf(identifier).slice(0, 1).map((key)',
    },
  ],
};
