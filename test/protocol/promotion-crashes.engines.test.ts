/**
 * A promotion that dies at every step. The first one counts its round trips; then one dies at each of them, before and
 * after, and another begins again. The direction turns each time: from B to A as from A to B. Each has changes to carry:
 * one that every copy shows, and one that the journal of the promoted centre alone has.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deadlineAfter } from '../../functions/core/kernel/clock.ts';
import type { CentreName } from '../../functions/core/propagation/event.ts';
import { otherCentre } from '../../functions/core/propagation/event.ts';
import { wallClock } from '../adapters/wall-clock.ts';
import { checkAtRest } from './at-rest.ts';
import { type Promoting, startPromoting } from './promoting.ts';
import * as ask from './requests.ts';
import { makeSteps, type Side } from './steps.ts';

let at: Promoting;
beforeAll(async () => {
  at = await startPromoting();
  await at.reset();
  await at.settleDown();
});
afterAll(() => at?.stop());

const soon = () => deadlineAfter(wallClock, 20_000);
let to: CentreName = 'B';

/** Members as they stand before a promotion: what each is known by. */
async function prepare() {
  const [phone, account] = [ask.freshPhone(), ask.freshAccount()];
  const request = ask.freshRequest();
  const { memberId } = ask.done(await ask.register(at.process(otherCentre(to)), [phone])).receipt;
  const bound = ask.done(await ask.bind(at.process(to), memberId, account, request)).receipt;
  return { phone, account, request, memberId, version: bound.version };
}

type Prepared = Awaited<ReturnType<typeof prepare>>;

async function dieAt(number: number, side: Side): Promise<string | undefined> {
  const steps = makeSteps();
  steps.crashAt(number, side);
  const promoting = at.promote(to, { steps });
  await Promise.race([steps.crashed, promoting]);
  return steps.made[number - 1];
}

async function checkAfter({ account, memberId, request, version }: Prepared, said: string): Promise<void> {
  const outcome = await at.promote(to);
  expect(['promoted', 'standing'], `${said}: ${JSON.stringify(outcome)}`).toContain(outcome.kind);
  const epochs = await Promise.all(
    (['A', 'B'] as const).map(async (centre) => at.topologies[centre].read(soon())),
  );
  expect(
    epochs.map(({ writer, epoch }) => `${writer} ${epoch}`),
    said,
  ).toEqual([`${to} ${epochs[0]?.epoch}`, `${to} ${epochs[0]?.epoch}`]);
  await at.settleDown();
  const again = ask.done(await ask.bind(at.process(to), memberId, account, request));
  expect(again.receipt.version, said).toBe(version);
  expect((await ask.register(at.process(otherCentre(to)), [account])).kind, said).toBe('identifier-bound');
}

test('goes on where it died, and opens once', async () => {
  const counting = makeSteps();
  const first = await prepare();
  expect(await at.promote(to, { steps: counting })).toMatchObject({ kind: 'promoted' });
  const count = counting.made.length;
  expect(count).toBeGreaterThan(25);
  await checkAfter(first, 'without a crash');
  const prepared: Prepared[] = [first];
  for (let number = 1; number <= count; number++) {
    for (const side of ['before', 'after'] as const) {
      to = otherCentre(to);
      const mine = await prepare();
      const where = await dieAt(number, side);
      await checkAfter(mine, `after a crash ${side} ${number}, ${where}, towards ${to}`);
      prepared.push(mine);
    }
  }
  // What was elected by an attempt that died counts as forced: a resync would open search again, were there relays.
  await at.openSearch();
  await checkAtRest(
    at.centres,
    prepared.map(({ memberId }) => memberId),
    prepared.flatMap(({ phone, account }) => [phone, account]),
  );
}, 600_000);
