import { type AwsConnection, makeAwsCalls } from '../aws/calls.ts';

export const makeSqsClient = (connection: AwsConnection) =>
  makeAwsCalls(
    connection,
    () => import('@aws-sdk/client-sqs'),
    (sdk, settings) => new sdk.SQSClient({ ...settings, useQueueUrlAsEndpoint: false }),
  );
