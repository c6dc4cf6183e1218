import type { ConditionalCheckFailedException, UpdateItemCommandInput } from '@aws-sdk/client-dynamodb';
import type { EpochRegister, RegisteredEpoch } from '../../core/failover/ports.ts';
import type { AwsConnection } from '../aws/calls.ts';
import { makeDynamoClient } from './client.ts';
import { type Item, itemKey, registerOf } from './item.ts';
import { updateToPromise } from './promise.ts';
import { updateToRaise } from './raise.ts';

export interface EpochRegisterOptions extends AwsConnection {
  readonly tableName: string;
}

/**
 * The epoch register at the witness: one item, changed only by conditional updates. See `prepareEpochRegister`.
 * `renew` promises to exactly the epoch that it holds: a newer one has to be raised first.
 */
export function makeEpochRegister(options: EpochRegisterOptions): EpochRegister {
  const { name, tableName: TableName } = options;
  const call = makeDynamoClient(options);

  /** `done`, or the item that did not meet the condition. */
  const update = (
    input: Omit<UpdateItemCommandInput, 'TableName' | 'Key'>,
    deadline: Parameters<typeof call>[0],
  ) =>
    call<'done' | Item>(deadline, async (client, { UpdateItemCommand }, abort) => {
      try {
        const wanted = {
          TableName,
          Key: itemKey,
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
          ...input,
        };
        await client.send(new UpdateItemCommand(wanted), abort);
        return 'done';
      } catch (error) {
        if (!isConditionFailed(error)) throw error;
        // An update of an item that is not there fails its condition too: that says nothing of epochs.
        return registerOf(error.Item);
      }
    });

  return {
    name,

    read: (deadline) =>
      call(deadline, async (client, { GetItemCommand }, abort) => {
        const input = { TableName, Key: itemKey, ConsistentRead: true };
        return registerOf((await client.send(new GetItemCommand(input), abort)).Item);
      }),

    async renew(epoch, lengthMs, deadline) {
      const outcome = await update(updateToPromise(epoch, lengthMs), deadline);
      if (outcome === 'done') return 'promised';
      return isHeld(outcome, epoch) && outcome.longestPromiseMs >= lengthMs ? 'promised' : 'older-epoch';
    },

    async raise(epoch, deadline) {
      return (await update(updateToRaise(epoch), deadline)) === 'done' ? 'raised' : 'older-epoch';
    },
  };
}

const isHeld = (held: RegisteredEpoch, asking: RegisteredEpoch): boolean =>
  held.epoch === asking.epoch && held.centre === asking.centre;

function isConditionFailed(error: unknown): error is ConditionalCheckFailedException {
  return error instanceof Error && error.name === 'ConditionalCheckFailedException';
}
