import { type AwsConnection, makeAwsCalls } from '../aws/calls.ts';

export const makeSsmClient = (connection: AwsConnection) =>
  makeAwsCalls(
    connection,
    () => import('@aws-sdk/client-ssm'),
    (sdk, settings) => new sdk.SSMClient(settings),
  );
