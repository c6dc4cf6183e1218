import { canonical } from '../../functions/core/member/identifiers.ts';
import type { WriteRequest } from '../../functions/core/member/outcomes.ts';
import type { KeyedHasher } from '../../functions/core/member/ports.ts';
import type { RegisterInput } from '../../functions/core/member/writer.ts';

/** As whom the command registers members: what idempotency is scoped to, and what their history names. */
const seedCaller = 'seed';

export type RequestOf = (run: string, line: number, input: RegisterInput) => WriteRequest;

/** A line of a run is one request, however often it is sent: its key is made of the two. */
export const makeRequestOf =
  (hasher: KeyedHasher): RequestOf =>
  (run, line, { name, identifiers }) => ({
    caller: seedCaller,
    idempotencyKey: `${run}:${line}`,
    requestHash: hasher.hash('register-member', name, ...identifiers.map(canonical).sort()),
  });
