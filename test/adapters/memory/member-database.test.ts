import { expect, test } from 'vitest';
import { replicate } from '../../../functions/adapters/memory/memory-cluster.ts';
import { deadlineAfter } from '../../../functions/core/kernel/clock.ts';
import { digestsContract } from '../contract/digests.ts';
import { directoryContract } from '../contract/directory.ts';
import { historySourceContract } from '../contract/history-source.ts';
import { memberSourceContract } from '../contract/member-source.ts';
import { memberStoreContract } from '../contract/member-store.ts';
import { memberWalkContract } from '../contract/member-walk.ts';
import { registrationsContract } from '../contract/registrations.ts';
import { tokensContract } from '../contract/tokens.ts';
import { trimmingContract } from '../contract/trimming.ts';
import { freshMemberId, sampleCommit } from '../contract/writer-subject.ts';
import { makeMemoryWriterSubject } from './writer-subject.ts';

const makeSubject = () => makeMemoryWriterSubject();

memberStoreContract('memory', makeSubject);
directoryContract('memory', makeSubject);
tokensContract('memory', makeSubject);
registrationsContract('memory', makeSubject);
memberSourceContract('memory', makeSubject);
memberWalkContract('memory', makeSubject);
digestsContract('memory', makeSubject);
historySourceContract('memory', makeSubject);
trimmingContract('memory', makeSubject);

test('a lease that ends between the commit and the second look at it gives no receipt', async () => {
  let onTurn = async (_moment: string): Promise<void> => {};
  const subject = await makeMemoryWriterSubject((moment) => onTurn(moment));
  onTurn = async (moment) => {
    if (moment === 'between') await subject.setLease('c0', 0);
  };
  const memberId = freshMemberId();
  const outcome = subject.members.commit(sampleCommit(memberId, 5), deadlineAfter(subject.clock, 1_000));
  expect(await outcome).toEqual({ kind: 'lease-ended' });
  expect(await subject.tracesOf(memberId)).toBe(3);
});

test('a replica shows the first transactions of its writer, as many as it was given', async () => {
  const { members, replica, clusters, clock } = await makeMemoryWriterSubject();
  const soon = deadlineAfter(clock, 1_000);
  const memberId = freshMemberId();
  await members.commit(sampleCommit(memberId, 5), soon);
  await members.commit(sampleCommit(memberId, 6, 5), soon);
  expect(await replica.member(memberId, soon)).toBeNull();
  replicate(clusters.c0, 'b-0', 1);
  expect(await replica.member(memberId, soon)).toMatchObject({ version: 5 });
  replicate(clusters.c0, 'b-0');
  expect(await replica.member(memberId, soon)).toMatchObject({ version: 6 });
  expect(clusters.c0.replicas['b-0']?.tables).toEqual(clusters.c0.writer);
});
