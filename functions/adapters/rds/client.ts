import { type AwsConnection, makeAwsCalls } from '../aws/calls.ts';

export const makeRdsClient = (connection: AwsConnection) =>
  makeAwsCalls(
    connection,
    () => import('@aws-sdk/client-rds'),
    (sdk, settings) => new sdk.RDSClient(settings),
  );
