import type { Plant } from './plant.ts';

export const fenceMemberOnly: Plant = {
  name: 'fence-member-only',
  what: "Only the member's own key is fenced: lookups by identifier serve what was cached.",
  invariants: ['I4', 'I6'],
  patches: [
    {
      file: 'functions/core/member/event-of.ts',
      find: '[cacheKeyOfMember(memberId), ...[...keys].map(cacheKeyOfIdentifier)]',
      replace: '[cacheKeyOfMember(memberId)]',
    },
  ],
};
