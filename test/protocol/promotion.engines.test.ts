/** Promotion on real engines: planned and forced, back again, and what a writer of the old epoch can still do: nothing. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { deadlineAfter } from '../../functions/core/kernel/clock.ts';
import { wallClock } from '../adapters/wall-clock.ts';
import { checkAtRest } from './at-rest.ts';
import { sharding } from './centres.ts';
import { type Promoting, startPromoting } from './promoting.ts';
import * as ask from './requests.ts';
import { makeSteps } from './steps.ts';

let at: Promoting;
beforeAll(async () => {
  at = await startPromoting();
  await at.reset();
});
beforeEach(() => at.settleDown());
afterAll(() => at?.stop());

const soon = () => deadlineAfter(wallClock, 20_000);
const notTheWriter = { kind: 'unavailable', reason: 'not-the-writer' };

test('both centres live: the writers move, nothing is lost, nothing is waited for', async () => {
  const [phone, account] = [ask.freshPhone(), ask.freshAccount()];
  const request = ask.freshRequest();
  const first = ask.done(await ask.register(at.process('A'), [phone], request));
  const took: string[] = [];
  const outcome = await at.promote('B', { onStep: (step) => took.push(step) });
  expect(outcome).toMatchObject({ kind: 'promoted', how: 'planned', taken: 0, left: [] });
  expect(took).not.toContain('wait');
  await at.settleDown();
  const { memberId } = first.receipt;
  const bound = ask.done(await ask.bind(at.process('B'), memberId, account));
  expect(bound.receipt.version).toBeGreaterThan(first.receipt.version);
  expect(Math.floor(bound.receipt.version / 2 ** 32)).toBe(bound.receipt.epoch);
  const again = ask.done(await ask.register(at.process('A'), [phone], request));
  expect(again.receipt).toEqual(first.receipt);
  await checkAtRest(at.centres, [memberId], [phone, account]);
  expect(await at.promote('B')).toMatchObject({ kind: 'standing' });
});

test('and back', async () => {
  const phone = ask.freshPhone();
  const { memberId } = ask.done(await ask.register(at.process('A'), [phone])).receipt;
  expect(await at.promote('A')).toMatchObject({
    kind: 'promoted',
    how: 'planned',
    servers: { c0: 'mysql-a' },
  });
  await at.settleDown();
  ask.done(await ask.rename(at.process('B'), memberId, 'Grace'));
  await checkAtRest(at.centres, [memberId], [phone]);
});

test('an attempt that elected by force is not taken for planned by the next one', async () => {
  const steps = makeSteps();
  steps.fail(/^engine\.promote/, 'after');
  expect(await at.promote('B', { isCutOff: true, steps })).toMatchObject({ kind: 'stopped', at: 'elect' });
  // Now the old writer answers, and is closed: what the copies lack is lost all the same.
  expect(await at.promote('B')).toMatchObject({ kind: 'promoted', how: 'forced', left: [] });
  await at.settleDown();
  expect(await at.promote('A')).toMatchObject({ kind: 'promoted', how: 'planned' });
});

test('the other centre lost: what the journal has is carried out, and listed', async () => {
  const [phone, account, lost] = [ask.freshPhone(), ask.freshAccount(), ask.freshPhone()];
  const request = ask.freshRequest();
  const first = ask.done(await ask.register(at.process('A'), [phone]));
  await at.replicasFollow();
  // From here on B has it in its journal alone.
  for (const name of at.replicaNames.B) await at.handOf(name).sql('STOP SLAVE SQL_THREAD; ');
  const { memberId } = first.receipt;
  const bound = ask.done(await ask.bind(at.process('A'), memberId, account, request));
  const second = ask.done(await ask.register(at.process('A'), [lost]));
  for (const name of at.replicaNames.B) await at.handOf(name).sql('STOP SLAVE');
  for (const name of at.replicaNames.B) await at.handOf(name).sql('RESET SLAVE ALL');

  const steps = makeSteps();
  steps.fail(/^alias primary/, 'before');
  const outcome = await at.promote('B', { isCutOff: true, steps });
  expect(outcome).toMatchObject({ kind: 'promoted', how: 'forced', taken: 2 });
  expect(await at.topologies.B.read(soon())).toMatchObject({ writer: 'B', untoldSearch: ['primary'] });
  await at.settleDown();
  // The lost centre's register still has the old epoch, and its journal refuses: until the relay has raised it.
  await at.setLease(1_000);
  const relaying = at.process('B');
  await relaying.relay.tick(ask.relayBy(relaying));
  const repeated = ask.done(await ask.bind(at.process('B'), memberId, account, request));
  expect(repeated.receipt).toEqual(bound.receipt);
  expect(await ask.register(at.process('B'), [account])).toMatchObject({ kind: 'identifier-bound' });
  const listed = await at.ledgerOf('B').page(0, 100, soon());
  expect(listed.map(({ kind, event }) => [kind, event.memberId, event.version])).toEqual([
    ['from-journal', memberId, bound.receipt.version],
    ['from-journal', second.receipt.memberId, second.receipt.version],
  ]);

  // A process that was paused in the old epoch, with its own writer still before it.
  const old = at.process('A', { writesAt: 'mysql-a' });
  for (const cluster of sharding.clusters)
    await at
      .handOf('mysql-a')
      .sql(`UPDATE control_${cluster}.write_lease SET valid_until = UTC_TIMESTAMP(6)`);
  expect(await ask.register(old, [ask.freshPhone()])).toMatchObject(notTheWriter);
  expect(await ask.rename(old, memberId, 'Old')).toMatchObject(notTheWriter);
  expect(ask.done(await ask.rename(at.process('B'), memberId, 'New')).member.name).toBe('New');
});
