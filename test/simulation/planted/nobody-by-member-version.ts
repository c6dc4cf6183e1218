import type { Plant } from './plant.ts';

export const nobodyByMemberVersion: Plant = {
  name: 'nobody-by-member-version',
  what: 'A "nobody" is cached with the version of the member that was looked at, which grows by other changes.',
  invariants: ['I4', 'I6'],
  theme: 'lagging',
  patches: [
    {
      file: 'functions/core/cache/find.ts',
      find: 'if (!stored || !member || !holds(member, key, named.token)) return null;',
      replace:
        'if (!stored || !member || !holds(member, key, named.token)) return nobodyAt(stored?.version ?? 0);',
    },
  ],
};
