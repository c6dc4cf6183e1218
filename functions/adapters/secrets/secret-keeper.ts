import type { GetSecretValueCommandInput, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

export interface SecretKeeper {
  /** The value in use. */
  current(secret: string): Promise<string>;
  /** Makes it the value in use. */
  put(secret: string, value: string): Promise<void>;
  /** What a rotation is about to bring into use; null when it has not got that far. */
  pending(secret: string, rotation: string): Promise<string | null>;
  putPending(secret: string, rotation: string, value: string): Promise<void>;
  /** Brings what is pending into use. */
  promote(secret: string, rotation: string): Promise<void>;
}

const requestTimeoutMs = 5_000;

/** Secrets of a region, for what deploys and rotates them. Functions that serve read theirs in a leaner way. */
export function makeSecretKeeper(region: string): SecretKeeper {
  let loading: Promise<SecretsManagerClient> | undefined;
  const sdk = () => import('@aws-sdk/client-secrets-manager');
  const client = () => {
    loading ??= sdk().then(
      ({ SecretsManagerClient: Client }) =>
        new Client({ region, maxAttempts: 3, requestHandler: { requestTimeout: requestTimeoutMs } }),
    );
    return loading;
  };
  const get = async (input: GetSecretValueCommandInput): Promise<string> => {
    const { GetSecretValueCommand } = await sdk();
    return (await (await client()).send(new GetSecretValueCommand(input))).SecretString ?? '';
  };

  return {
    current: (secret) => get({ SecretId: secret }),

    async put(secret, value) {
      const { PutSecretValueCommand } = await sdk();
      await (await client()).send(new PutSecretValueCommand({ SecretId: secret, SecretString: value }));
    },

    async pending(secret, rotation) {
      try {
        return await get({ SecretId: secret, VersionId: rotation, VersionStage: 'AWSPENDING' });
      } catch (error) {
        if (error instanceof Error && error.name === 'ResourceNotFoundException') return null;
        throw error;
      }
    },

    async putPending(secret, rotation, value) {
      const { PutSecretValueCommand } = await sdk();
      const input = { SecretId: secret, ClientRequestToken: rotation, SecretString: value };
      await (await client()).send(new PutSecretValueCommand({ ...input, VersionStages: ['AWSPENDING'] }));
    },

    async promote(secret, rotation) {
      const { DescribeSecretCommand, UpdateSecretVersionStageCommand } = await sdk();
      const { VersionIdsToStages: stagesOf = {} } = await (await client()).send(
        new DescribeSecretCommand({ SecretId: secret }),
      );
      const current = Object.keys(stagesOf).find((version) => stagesOf[version]?.includes('AWSCURRENT'));
      if (current === rotation) return;
      const input = { SecretId: secret, VersionStage: 'AWSCURRENT', MoveToVersionId: rotation };
      await (await client()).send(
        new UpdateSecretVersionStageCommand({ ...input, RemoveFromVersionId: current }),
      );
    },
  };
}
