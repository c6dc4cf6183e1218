/** What callers ask for in the protocol tests, with fresh names. */
import { randomBytes, randomInt } from 'node:crypto';
import { type Deadline, deadlineAfter } from '../../functions/core/kernel/clock.ts';
import type { Identifier } from '../../functions/core/member/identifiers.ts';
import type { Member, Receipt } from '../../functions/core/member/member.ts';
import type { WriteOutcome, WriteRequest } from '../../functions/core/member/outcomes.ts';
import { hasher, type Process } from './centres.ts';
import { makeSteps, type Steps } from './steps.ts';

const fresh = (): string => randomBytes(9).toString('base64url');
const digits = (count: number): string => Array.from({ length: count }, () => randomInt(10)).join('');

export const freshPhone = (): Identifier => ({ kind: 'phone', value: `+86${digits(12)}` });
export const freshCardNo = (): Identifier => ({ kind: 'cardNo', value: digits(18) });
export const freshUnionId = (): Identifier => ({
  kind: 'unionId',
  value: `u-${fresh().replaceAll('_', '.')}`,
});
export const freshAccount = (platform = 'tongcheng-app'): Identifier => ({
  kind: 'account',
  platform,
  value: `a-${fresh().replaceAll('_', '.')}`,
});

export const keyOf = (identifier: Identifier): string => hasher.keysOf(identifier)[0] ?? '';

/** A request under a key of its own, for which its body stands too. */
export const freshRequest = (): WriteRequest => {
  const idempotencyKey = fresh();
  return { caller: 'tests', idempotencyKey, requestHash: `hash-of-${idempotencyKey}` };
};

const writeBy = ({ clock }: Pick<Process, 'clock'>): Deadline => deadlineAfter(clock, 5_000);
export const readBy = ({ clock }: Pick<Process, 'clock'>): Deadline => deadlineAfter(clock, 1_000);
export const relayBy = ({ clock }: Pick<Process, 'clock'>): Deadline => deadlineAfter(clock, 10_000);

export const register = (
  at: Process,
  identifiers: readonly Identifier[],
  request: WriteRequest = freshRequest(),
): Promise<WriteOutcome> => at.writer.register({ name: 'Ada', identifiers }, request, writeBy(at));

/** A registration that stands before its first call of that name, such as `members.commit`. */
export async function registerUntil(
  name: RegExp,
  processWith: (steps: Steps) => Process,
  identifiers: readonly Identifier[],
): Promise<{ readonly steps: Steps; readonly resume: () => Promise<WriteOutcome> }> {
  const steps = makeSteps();
  const point = steps.pause(name, 'before');
  const outcome = register(processWith(steps), identifiers);
  await point.reached;
  return {
    steps,
    resume: () => {
      point.resume();
      return outcome;
    },
  };
}

export const bind = (
  at: Process,
  memberId: string,
  identifier: Identifier,
  request: WriteRequest = freshRequest(),
): Promise<WriteOutcome> => at.writer.bind(memberId, identifier, request, writeBy(at));

export const unbind = (
  at: Process,
  memberId: string,
  field: string,
  request: WriteRequest = freshRequest(),
): Promise<WriteOutcome> => at.writer.unbind(memberId, field, request, writeBy(at));

export const rename = (
  at: Process,
  memberId: string,
  name: string,
  request: WriteRequest = freshRequest(),
): Promise<WriteOutcome> => at.writer.update(memberId, { name }, null, request, writeBy(at));

export const cancel = (
  at: Process,
  memberId: string,
  request: WriteRequest = freshRequest(),
): Promise<WriteOutcome> => at.writer.cancel(memberId, request, writeBy(at));

/** The member and receipt of a write that must have been acknowledged. */
export function done(outcome: WriteOutcome): { readonly member: Member; readonly receipt: Receipt } {
  if (outcome.kind !== 'done') throw new Error(`not acknowledged: ${JSON.stringify(outcome)}`);
  return outcome;
}
