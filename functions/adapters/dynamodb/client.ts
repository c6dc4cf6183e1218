import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type Clock, type Deadline, remainingMs } from '../../core/kernel/clock.ts';
import { DependencyUnavailable } from '../../core/kernel/invariant.ts';

export interface DynamoConnection {
  /** The part's name in the configuration. */
  readonly name: string;
  readonly region: string;
  /** In place of the region's own. */
  readonly endpoint?: string | undefined;
  /** In place of those of the environment. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined;
  readonly clock: Clock;
}

type Sdk = typeof import('@aws-sdk/client-dynamodb');

const socketsMax = 8;

/**
 * Calls that end by their deadline, whatever the service does; all else that goes wrong is `DependencyUnavailable`.
 * The SDK is loaded and connects with the first of them. Calls must be repeatable: the SDK makes one more attempt.
 */
export function makeDynamoClient({ name, region, endpoint, credentials, clock }: DynamoConnection) {
  let loading: Promise<{ readonly sdk: Sdk; readonly client: DynamoDBClient }> | undefined;

  const load = async () => {
    const sdk = await import('@aws-sdk/client-dynamodb');
    const requestHandler = { httpAgent: { maxSockets: socketsMax }, httpsAgent: { maxSockets: socketsMax } };
    const client = new sdk.DynamoDBClient({
      region,
      maxAttempts: 2,
      requestHandler,
      ...(endpoint !== undefined && { endpoint }),
      ...(credentials !== undefined && { credentials }),
    });
    return { sdk, client };
  };

  return async function call<Answer>(
    deadline: Deadline,
    work: (
      client: DynamoDBClient,
      sdk: Sdk,
      options: { readonly abortSignal: AbortSignal },
    ) => Promise<Answer>,
  ): Promise<Answer> {
    const leftMs = remainingMs(clock, deadline);
    const abort = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    try {
      if (leftMs <= 0) throw new Error('the deadline has passed');
      // The signal alone would not do: the SDK does not heed it while it waits for credentials.
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => {
          abort.abort();
          reject(new Error('no answer by the deadline'));
        }, leftMs);
      });
      const done = (async () => {
        loading ??= load();
        const { sdk, client } = await loading;
        return work(client, sdk, { abortSignal: abort.signal });
      })();
      return await Promise.race([done, late]);
    } catch (error) {
      throw new DependencyUnavailable(name, error);
    } finally {
      clearTimeout(timer);
    }
  };
}
