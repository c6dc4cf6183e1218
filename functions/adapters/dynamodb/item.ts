import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { EpochRegister } from '../../core/failover/ports.ts';
import { centreNames } from '../../core/propagation/event.ts';

/** The one item of the register's table. */
export const itemKey = { id: { S: 'epoch-register' } };

export type Item = Awaited<ReturnType<EpochRegister['read']>>;

/** @throws when the register was not prepared, or the item is not one that this code wrote */
export function registerOf(item: Record<string, AttributeValue> | undefined): Item {
  const epoch = Number(item?.epoch?.N);
  const longestPromiseMs = Number(item?.longestPromiseMs?.N);
  const centre = centreNames.find((one) => one === item?.centre?.S);
  if (!Number.isSafeInteger(epoch) || !Number.isSafeInteger(longestPromiseMs) || centre === undefined) {
    throw new Error('there is no epoch register in this table');
  }
  return { epoch, centre, longestPromiseMs };
}
