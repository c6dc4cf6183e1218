import type { Plant } from './plant.ts';

export const takeoverWithoutVoid: Plant = {
  name: 'takeover-without-void',
  what: 'A claim past its deadline is taken over without voiding its token: its writer wakes up and commits.',
  invariants: ['I1', 'I4'],
  isRare: true,
  patches: [
    {
      file: 'functions/core/directory/claim.ts',
      find: 'const voided = await tokens.voidToken(row.memberId, row.token, deadline);',
      replace: "const voided = { kind: 'void' } as Awaited<ReturnType<typeof tokens.voidToken>>;",
    },
  ],
};
