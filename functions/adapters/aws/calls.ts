/** What every client of an AWS service has in common. No adapter itself: those of the services stand on it. */
import { type Clock, type Deadline, remainingMs } from '../../core/kernel/clock.ts';
import { DependencyUnavailable } from '../../core/kernel/invariant.ts';
import { whenLate } from '../system/when-late.ts';

export interface AwsConnection {
  /** The part's name in the configuration. */
  readonly name: string;
  readonly region: string;
  /** In place of the region's own. */
  readonly endpoint?: string | undefined;
  /** In place of those of the environment. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined;
  readonly clock: Clock;
}

const socketsMax = 8;

/** How a client is made for a connection. The SDK makes one attempt more: calls must be repeatable. */
export type ClientSettings = ReturnType<typeof settingsOf>;

function settingsOf({ region, endpoint, credentials }: AwsConnection) {
  return {
    region,
    maxAttempts: 2,
    requestHandler: { httpAgent: { maxSockets: socketsMax }, httpsAgent: { maxSockets: socketsMax } },
    ...(endpoint !== undefined && { endpoint }),
    ...(credentials !== undefined && { credentials }),
  };
}

/**
 * Calls that end by their deadline, whatever the service does; all else that goes wrong is `DependencyUnavailable`.
 * The SDK is loaded and connects with the first of them.
 */
export function makeAwsCalls<Sdk, Client>(
  connection: AwsConnection,
  load: () => Promise<Sdk>,
  connect: (sdk: Sdk, settings: ClientSettings) => Client,
) {
  const { name, clock } = connection;
  let loading: Promise<{ readonly sdk: Sdk; readonly client: Client }> | undefined;
  const open = async () => {
    const sdk = await load();
    return { sdk, client: connect(sdk, settingsOf(connection)) };
  };

  return async function call<Answer>(
    deadline: Deadline,
    work: (client: Client, sdk: Sdk, options: { readonly abortSignal: AbortSignal }) => Promise<Answer>,
  ): Promise<Answer> {
    const leftMs = remainingMs(clock, deadline);
    const abort = new AbortController();
    let cancel = (): void => {};
    try {
      if (leftMs <= 0) throw new Error('the deadline has passed');
      // The signal alone would not do: the SDK does not heed it while it waits for credentials.
      const late = new Promise<never>((_, reject) => {
        cancel = whenLate(leftMs, () => {
          abort.abort();
          reject(new Error('no answer by the deadline'));
        });
      });
      const done = (async () => {
        loading ??= open();
        const { sdk, client } = await loading;
        return work(client, sdk, { abortSignal: abort.signal });
      })();
      return await Promise.race([done, late]);
    } catch (error) {
      throw new DependencyUnavailable(name, error);
    } finally {
      cancel();
    }
  };
}
