import { randomBytes } from 'node:crypto';
import { DeleteTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import { makeEpochRegister } from '../../../functions/adapters/dynamodb/epoch-register.ts';
import { prepareEpochRegister } from '../../../functions/adapters/dynamodb/prepare-register.ts';
import type { RegisteredEpoch } from '../../../functions/core/failover/ports.ts';
import { deadlineAfter } from '../../../functions/core/kernel/clock.ts';
import { engineAddress } from '../../engines.ts';
import { standIn } from '../aws.ts';
import { epochRegisterContract } from '../contract/epoch-register.ts';
import { wallClock as clock } from '../wall-clock.ts';

const soon = () => deadlineAfter(clock, 10_000);

/** A table of its own. */
function makeTable() {
  const tableName = `test-${randomBytes(6).toString('hex')}`;
  const options = { ...standIn('register-witness', engineAddress('aws-witness')), clock, tableName };
  return {
    register: makeEpochRegister(options),
    prepare: (first: RegisteredEpoch) => prepareEpochRegister({ ...options, first, deadline: soon() }),
    async end() {
      const dynamo = new DynamoDBClient(options);
      await dynamo.send(new DeleteTableCommand({ TableName: tableName }));
      dynamo.destroy();
    },
  };
}

epochRegisterContract('DynamoDB', async (initial) => {
  const { register, prepare, end } = makeTable();
  await prepare(initial);
  return { register, clock, end };
});

test('preparing again, with whatever epoch, changes nothing', async () => {
  const { register, prepare, end } = makeTable();
  await prepare({ epoch: 1, centre: 'A' });
  await register.renew({ epoch: 1, centre: 'A' }, 5_000, soon());
  await register.raise({ epoch: 2, centre: 'B' }, soon());
  await Promise.all([prepare({ epoch: 1, centre: 'A' }), prepare({ epoch: 9, centre: 'A' })]);
  expect(await register.read(soon())).toEqual({ epoch: 2, centre: 'B', longestPromiseMs: 5_000 });
  await end();
});
