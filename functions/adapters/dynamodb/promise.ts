/**
 * Atomic about: that exactly this epoch stands *and* the longest promise is remembered, so that whoever raises the
 * register afterwards reads a promise at least this long. It writes only a longer one: if it fails on a register
 * that holds the epoch and remembers as much already, the promise is as good as written, seen in the same step.
 */
import type { RegisteredEpoch } from '../../core/failover/ports.ts';

export const updateToPromise = ({ epoch, centre }: RegisteredEpoch, lengthMs: number) => ({
  UpdateExpression: 'SET longestPromiseMs = :lengthMs',
  ConditionExpression: 'epoch = :epoch AND centre = :centre AND longestPromiseMs < :lengthMs',
  ExpressionAttributeValues: {
    ':epoch': { N: String(epoch) },
    ':centre': { S: centre },
    ':lengthMs': { N: String(lengthMs) },
  },
});
