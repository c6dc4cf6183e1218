/** I4: a read in B right after a write was acknowledged in A, with everything that B reads held back. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { DependencyUnavailable } from '../../functions/core/kernel/invariant.ts';
import { checkAtRest, drain, expectFound } from './at-rest.ts';
import { type Centres, makeCentres } from './centres.ts';
import * as ask from './requests.ts';
import { makeSteps } from './steps.ts';

let centres: Centres;
beforeAll(async () => {
  centres = await makeCentres();
});
beforeEach(() => centres.reset());
afterAll(() => centres?.end());

test('each kind of write in A is read in B at once, fresh, with search and replicas of B held back', async () => {
  const [phone, account] = [ask.freshPhone(), ask.freshAccount()];
  const [a, b] = [centres.process('A'), centres.process('B')];
  await expectFound(b, phone, undefined);
  await expectFound(b, account, undefined);
  await centres.holdReplicas();
  let memberId = '';
  try {
    const registered = ask.done(await ask.register(a, [phone])).member;
    memberId = registered.memberId;
    for (let turn = 0; turn < 2; turn++) await expectFound(b, phone, registered);
    const renamed = ask.done(await ask.rename(a, memberId, 'Grace')).member;
    for (let turn = 0; turn < 2; turn++) await expectFound(b, phone, renamed);
    const bound = ask.done(await ask.bind(a, memberId, account)).member;
    for (let turn = 0; turn < 2; turn++) await expectFound(b, account, bound);
    for (let turn = 0; turn < 2; turn++) await expectFound(b, phone, bound);
    const unbound = ask.done(await ask.unbind(a, memberId, 'phone')).member;
    for (let turn = 0; turn < 2; turn++) await expectFound(b, phone, undefined);
    for (let turn = 0; turn < 2; turn++) await expectFound(b, account, unbound);
    ask.done(await ask.cancel(a, memberId));
    for (let turn = 0; turn < 2; turn++) await expectFound(b, account, undefined);
    expect(await b.reader.member(memberId, ask.readBy(b))).toMatchObject({
      kind: 'nobody',
      freshness: 'fresh',
    });
  } finally {
    await centres.releaseReplicas();
  }
  await checkAtRest(centres, [memberId], [phone, account]);
});

test('with the writer cut off from B too, nothing older is ever called fresh', async () => {
  const phone = ask.freshPhone();
  const [a, b] = [centres.process('A'), centres.process('B')];
  const { member } = ask.done(await ask.register(a, [phone]));
  await drain(centres);
  await expectFound(b, phone, member);
  await centres.holdReplicas();
  try {
    ask.done(await ask.rename(a, member.memberId, 'Grace'));
    const steps = makeSteps();
    const mend = steps.fail(/^(writer c|search:primary)/, 'before');
    const cutOff = centres.process('B', { steps });
    await expect(cutOff.reader.lookUp(phone, ask.readBy(cutOff))).rejects.toThrow(DependencyUnavailable);
    mend();
    const answer = await cutOff.reader.lookUp(phone, ask.readBy(cutOff));
    expect(answer).toMatchObject({ kind: 'member', member: { name: 'Grace' }, freshness: 'fresh' });
  } finally {
    await centres.releaseReplicas();
  }
  await checkAtRest(centres, [member.memberId], [phone]);
});
