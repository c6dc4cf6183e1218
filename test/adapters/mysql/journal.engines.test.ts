import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { appendToJournal } from '../../../functions/adapters/mysql/statements/journal-append.ts';
import { raiseRegister } from '../../../functions/adapters/mysql/statements/register-raise.ts';
import { deadlineAfter } from '../../../functions/core/kernel/clock.ts';
import { type JournalSubject, journalContract } from '../contract/journal.ts';
import { sampleEvent } from '../sample-events.ts';
import { wallClock } from '../wall-clock.ts';
import { type Hand, openHand } from './connections.ts';
import { makeMysqlJournalSubject } from './journal-subject.ts';

const writer = { epoch: 4, centre: 'A' } as const;
const successor = { epoch: 5, centre: 'B' } as const;

journalContract('MySQL', () => makeMysqlJournalSubject(writer));

describe('an append and a raise of the register at the same time, on two connections', () => {
  let subject: JournalSubject;
  let hand: Hand;
  const event = sampleEvent({ memberId: randomUUID(), version: 1, epoch: 4 });
  const soon = () => deadlineAfter(wallClock, 10_000);
  const entries = () => subject.journal.entries(subject.databaseCluster, 0, 10, soon());

  beforeEach(async () => {
    subject = await makeMysqlJournalSubject(writer);
    hand = await openHand('journal-b');
  });
  afterEach(async () => {
    await hand.end();
    await subject.end();
  });

  test('the raise waits for an append that is under way: what is read after it has the entry', async () => {
    await hand.run({ sql: 'START TRANSACTION' });
    const [appended] = await hand.run(appendToJournal(subject.databaseCluster, event, writer));
    expect(appended?.affectedRows).toBe(1);
    let raised = false;
    const raising = subject.register.raise(successor, soon()).then((outcome) => {
      raised = true;
      return outcome;
    });
    await hand.untilRunning('UPDATE journal.register');
    expect(raised).toBe(false);
    await hand.run({ sql: 'COMMIT' });
    expect(await raising).toBe('raised');
    expect(await entries()).toEqual([event]);
  });

  test('an append waits for a raise that is under way, and is refused', async () => {
    await hand.run({ sql: 'START TRANSACTION' });
    const [raised] = await hand.run(raiseRegister(successor));
    expect(raised?.affectedRows).toBe(1);
    let answered = false;
    const appending = subject.journal.append(subject.databaseCluster, event, writer, soon()).finally(() => {
      answered = true;
    });
    await hand.untilRunning('INSERT INTO journal.entry');
    expect(answered).toBe(false);
    await hand.run({ sql: 'COMMIT' });
    expect(await appending).toBe('refused');
    expect(await entries()).toEqual([]);
  });

  test('appends do not wait for each other', async () => {
    const other = sampleEvent({ memberId: event.memberId, version: 2, epoch: 4 });
    await hand.run({ sql: 'START TRANSACTION' }, appendToJournal(subject.databaseCluster, event, writer));
    expect(await subject.journal.append(subject.databaseCluster, other, writer, soon())).toBe('appended');
    await hand.run({ sql: 'COMMIT' });
    expect(await entries()).toEqual([event, other]);
  });
});
