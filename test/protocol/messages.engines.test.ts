/** I8: messages of the queues that come twice, late and out of order change nothing. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { checkAtRest } from './at-rest.ts';
import { type Centres, makeCentres } from './centres.ts';
import * as ask from './requests.ts';

let centres: Centres;
beforeAll(async () => {
  centres = await makeCentres();
});
beforeEach(() => centres.reset());
afterAll(() => centres?.end());

const both = ['A', 'B'] as const;

test('messages that come twice, late, backwards and to two consumers at once change nothing', async () => {
  const [phone, account] = [ask.freshPhone(), ask.freshAccount()];
  const a = centres.process('A');
  const { memberId } = ask.done(await ask.register(a, [phone])).receipt;
  ask.done(await ask.rename(a, memberId, 'Grace'));
  ask.done(await ask.bind(a, memberId, account));
  ask.done(await ask.unbind(a, memberId, 'phone'));
  const messages = { A: await centres.takeMessages('A'), B: await centres.takeMessages('B') };
  expect([messages.A.length, messages.B.length]).toEqual([4, 4]);
  for (const centre of both) {
    const consumers = [centres.process(centre), centres.process(centre)];
    const backwards = messages[centre].toSorted((one, other) => other.event.version - one.event.version);
    await Promise.all(
      consumers.flatMap((consumer) =>
        [...backwards, ...messages[centre]].map((message) => consumer.apply(message, ask.relayBy(consumer))),
      ),
    );
  }
  const before = await checkAtRest(centres, [memberId], [phone, account]);
  expect(before.members).toMatchObject([{ name: 'Grace', holdings: [{ identifier: account }] }]);

  for (const centre of both) {
    const consumer = centres.process(centre);
    for (const message of messages[centre]) await consumer.apply(message, ask.relayBy(consumer));
  }
  const after = await checkAtRest(centres, [memberId], [phone, account]);
  expect(after.members).toEqual(before.members);
});

test('messages from before a cancellation do not bring the member back', async () => {
  const identifiers = [ask.freshPhone(), ask.freshAccount()];
  const at = centres.process('B');
  const { memberId } = ask.done(await ask.register(at, identifiers)).receipt;
  ask.done(await ask.cancel(centres.process('A'), memberId));
  for (const centre of both) {
    const consumer = centres.process(centre);
    const messages = await centres.takeMessages(centre);
    messages.sort((one, other) => other.event.version - one.event.version);
    for (const message of [...messages, ...messages]) await consumer.apply(message, ask.relayBy(consumer));
  }
  const { members } = await checkAtRest(centres, [memberId], identifiers);
  expect(members).toMatchObject([{ status: 'cancelled' }]);
});
