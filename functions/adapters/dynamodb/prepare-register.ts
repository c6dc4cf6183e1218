import type { RegisteredEpoch } from '../../core/failover/ports.ts';
import { type Deadline, remainingMs } from '../../core/kernel/clock.ts';
import { makeDynamoClient } from './client.ts';
import type { EpochRegisterOptions } from './epoch-register.ts';
import { itemKey } from './item.ts';

/** Makes the register's table, and its item with `first`, where they are not there yet. Repeatable: what stands stays. */
export async function prepareEpochRegister(
  options: EpochRegisterOptions & { readonly first: RegisteredEpoch; readonly deadline: Deadline },
): Promise<void> {
  const { tableName: TableName, clock, deadline } = options;
  const call = makeDynamoClient(options);
  await call(deadline, async (client, sdk, abort) => {
    await unlessThere('ResourceInUseException', () =>
      client.send(
        new sdk.CreateTableCommand({
          TableName,
          BillingMode: 'PAY_PER_REQUEST',
          AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
          KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        }),
        abort,
      ),
    );
    const maxWaitTime = Math.max(1, Math.ceil(remainingMs(clock, deadline) / 1000));
    await sdk.waitUntilTableExists(
      { client, maxWaitTime, minDelay: 1, maxDelay: 2, ...abort },
      { TableName },
    );
  });
  await putFirstEpoch(options);
}

/** Puts `first` into a register that is empty. Repeatable: what stands stays. */
export async function putFirstEpoch(
  options: EpochRegisterOptions & { readonly first: RegisteredEpoch; readonly deadline: Deadline },
): Promise<void> {
  const { tableName: TableName, first, deadline } = options;
  const Item = {
    ...itemKey,
    epoch: { N: String(first.epoch) },
    centre: { S: first.centre },
    longestPromiseMs: { N: '0' },
  };
  await makeDynamoClient(options)(deadline, (client, sdk, abort) =>
    unlessThere('ConditionalCheckFailedException', () =>
      client.send(
        new sdk.PutItemCommand({ TableName, Item, ConditionExpression: 'attribute_not_exists(id)' }),
        abort,
      ),
    ),
  );
}

async function unlessThere(errorName: string, make: () => Promise<unknown>): Promise<void> {
  try {
    await make();
  } catch (error) {
    if (!(error instanceof Error && error.name === errorName)) throw error;
  }
}
