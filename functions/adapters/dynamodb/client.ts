import { type AwsConnection, makeAwsCalls } from '../aws/calls.ts';

export const makeDynamoClient = (connection: AwsConnection) =>
  makeAwsCalls(
    connection,
    () => import('@aws-sdk/client-dynamodb'),
    (sdk, settings) => new sdk.DynamoDBClient(settings),
  );
