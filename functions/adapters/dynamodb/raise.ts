/**
 * Atomic about: that only an older epoch is replaced. Two centres that raise to the same epoch cannot both win; the
 * winner may ask again. The longest promise stays: it is what a promotion waits out.
 */
import type { RegisteredEpoch } from '../../core/failover/ports.ts';

export const updateToRaise = ({ epoch, centre }: RegisteredEpoch) => ({
  UpdateExpression: 'SET epoch = :epoch, centre = :centre',
  ConditionExpression: 'epoch < :epoch OR (epoch = :epoch AND centre = :centre)',
  ExpressionAttributeValues: { ':epoch': { N: String(epoch) }, ':centre': { S: centre } },
});
