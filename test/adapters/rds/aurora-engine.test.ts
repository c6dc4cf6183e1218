import {
  DescribeGlobalClustersCommand,
  FailoverGlobalClusterCommand,
  type GlobalCluster,
  RDSClient,
  SwitchoverGlobalClusterCommand,
} from '@aws-sdk/client-rds';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeAuroraEngine } from '../../../functions/adapters/rds/aurora-engine.ts';
import { deadlineAfter } from '../../../functions/core/kernel/clock.ts';
import { makeHandClock } from '../wall-clock.ts';

const members = {
  A: 'arn:aws:rds:ap-southeast-1:1:cluster:members-a',
  B: 'arn:aws:rds:ap-northeast-1:1:cluster:members-b',
};
const clock = { ...makeHandClock(), sleep: async () => {} };
const engine = makeAuroraEngine({
  globalClusters: { c0: { global: 'members', members } },
  credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
  clock,
});
const soon = () => deadlineAfter(clock, 10_000);

const rds = mockClient(RDSClient);
beforeEach(() => void rds.reset());
afterEach(() => void rds.reset());

const standing = (writer: 'A' | 'B', status?: 'pending' | 'failing-over'): GlobalCluster => ({
  GlobalClusterIdentifier: 'members',
  GlobalClusterMembers: [
    { DBClusterArn: members.A, IsWriter: writer === 'A', SynchronizationStatus: 'connected' },
    { DBClusterArn: members.B, IsWriter: writer === 'B', SynchronizationStatus: 'connected' },
  ],
  ...(status && { FailoverState: { Status: status } }),
});

/** What it is told, one answer after the other; the last one stays. */
function answers(...clusters: readonly GlobalCluster[]) {
  const described = rds.on(DescribeGlobalClustersCommand);
  for (const cluster of clusters.slice(0, -1)) described.resolvesOnce({ GlobalClusters: [cluster] });
  const last = clusters.at(-1);
  described.resolves({ GlobalClusters: last ? [last] : [] });
}

describe('the engine of Aurora', () => {
  test.each([
    ['planned', SwitchoverGlobalClusterCommand, {}],
    ['forced', FailoverGlobalClusterCommand, { AllowDataLoss: true }],
  ] as const)('%s: begins once, and waits until the writer is there', async (how, command, more) => {
    rds.on(command as never).resolves({});
    answers(standing('A'), standing('A', 'pending'), standing('B', 'failing-over'), standing('B'));
    expect(await engine.promote('c0', 'B', how, soon())).toEqual({ server: null, isNew: true });
    const sent = rds.commandCalls(command as never).map(({ args }) => args[0].input);
    expect(sent).toEqual([
      { GlobalClusterIdentifier: 'members', TargetDbClusterIdentifier: members.B, ...more },
    ]);
    expect(await rds.call(0).thisValue.config.region()).toBe('ap-northeast-1');
  });

  test('begins nothing where the writer is there already, or is on its way', async () => {
    const begunBefore = { server: null, isNew: false };
    answers(standing('B'));
    expect(await engine.promote('c0', 'B', 'planned', soon())).toEqual(begunBefore);
    answers(standing('A', 'failing-over'), standing('B'));
    expect(await engine.promote('c0', 'B', 'planned', soon())).toEqual(begunBefore);
    expect(rds.commandCalls(FailoverGlobalClusterCommand)).toEqual([]);
  });

  test('says so when the writer has not moved in time', async () => {
    rds.on(FailoverGlobalClusterCommand).resolves({});
    answers(standing('A'));
    const late = { atMonotonicMs: clock.monotonicMs() + 1_000 };
    await expect(engine.promote('c0', 'B', 'forced', late)).rejects.toThrow('c0 did not answer');
  });

  test('tells what stands in the way, and what does not follow', async () => {
    answers({ GlobalClusterIdentifier: 'members', GlobalClusterMembers: [] });
    expect(await engine.faults('c0', 'B', soon())).toEqual([`members has no cluster ${members.B}`]);
    expect(await engine.follow('c0', 'B', soon())).toEqual(['c0 in A (not a member)']);
    answers(standing('B'));
    expect(await engine.faults('c0', 'B', soon())).toEqual([]);
    expect(await engine.follow('c0', 'B', soon())).toEqual([]);
  });
});
