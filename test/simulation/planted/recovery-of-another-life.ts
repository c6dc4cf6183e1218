import type { Plant } from './plant.ts';

export const recoveryOfAnotherLife: Plant = {
  name: 'recovery-of-another-life',
  what: 'A recovery goes on where it was, though the search cluster has lost everything once more: the slots behind are empty.',
  invariants: ['I4', 'I6'],
  theme: 'searching',
  isRare: true,
  patches: [
    {
      file: 'functions/core/search/recovery.ts',
      find: '    const isNew = incarnation !== position.incarnation;',
      replace: "    const isNew = position.incarnation === '';",
    },
    {
      file: 'functions/core/search/recovery.ts',
      find: '  if (before.incarnation !== incarnation) return false;\n',
      replace: '',
    },
    {
      file: 'functions/core/search/recovery.ts',
      find: '  if (after.incarnation === incarnation) return true;\n  await cluster.setReadable(false, deadline);\n  return false;',
      replace: '  return after.isReadable;',
    },
  ],
};
