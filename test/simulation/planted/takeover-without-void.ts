import type { Plant } from './plant.ts';

/** A claim past its deadline is taken over without voiding its token: its writer wakes up and commits. */
export const takeoverWithoutVoid: Plant = {
  name: 'takeover-without-void',
  invariants: ['I1', 'I4'],
  patches: [
    {
      file: 'functions/core/directory/claim.ts',
      find: 'const voided = await tokens.voidToken(row.memberId, row.token, deadline);',
      replace: "const voided = { kind: 'void' } as Awaited<ReturnType<typeof tokens.voidToken>>;",
    },
  ],
};
