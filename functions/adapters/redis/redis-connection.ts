/**
 * One connection to one Redis, for a function that may be frozen at any moment and wake up with a dead socket.
 *
 *   (none) --first call--> connecting --> open --closed | silent | idle--> (none)
 *
 * Nothing happens between calls: no reconnecting, no pinging, no queue. Each call looks at the connection first and
 * replaces one that cannot be trusted: closed, long unused, or owing an answer for too long. A call waits for a
 * connection, and for its answer, until its deadline and no longer; a command is never sent after its call's deadline.
 */
import { Command, Redis } from 'ioredis';
import { type Clock, type Deadline, remainingMs } from '../../core/kernel/clock.ts';
import { DependencyUnavailable } from '../../core/kernel/invariant.ts';
import { whenLate } from '../system/when-late.ts';

export interface RedisConnectionOptions {
  /** Its name in the configuration: what errors call it. */
  readonly name: string;
  /** `redis://` or `rediss://`, with user and password if it has any. */
  readonly url: string;
  /** In place of the address's. */
  readonly user?: { readonly name: string; readonly password: string } | undefined;
  /** How long one attempt to connect may take. @default 1000 */
  readonly connectMsMax?: number;
  /** A connection unused for longer is replaced before it is used: its socket may be dead without telling. @default 20000 */
  readonly idleMsMax?: number;
  /** A connection that owes an answer for longer, and says nothing at all meanwhile, is replaced. @default 250 */
  readonly silentMsMax?: number;
}

export interface RedisRequest {
  readonly name: string;
  readonly args: readonly (string | number)[];
  /** How long the server itself may hold the answer back: silence that proves nothing. @default 0 */
  readonly heldMs?: number;
}

export interface RedisConnection {
  /**
   * Sends the requests at once, on one connection, and answers with their replies in order. When a connection that
   * stood before turns out closed, all of them are sent once more on a new one: each must be safe to repeat.
   * @throws DependencyUnavailable
   */
  exchange(requests: readonly RedisRequest[], deadline: Deadline): Promise<unknown[]>;
  /** Closes the connection, at the end of the process. */
  close(): void;
}

interface Readings {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

interface Link {
  readonly client: Redis;
  readonly opened: Promise<void>;
  isOpen: boolean;
  /** When it was begun, then when anything last came from it. */
  heardAt: Readings;
  /** When silence begins to mean that it is dead; null while it owes no answer. */
  answerDueAtMs: number | null;
  /** Calls that wait for their answers. */
  underWay: number;
}

export function makeRedisConnection(options: RedisConnectionOptions, clock: Clock): RedisConnection {
  const { name, connectMsMax = 1000, idleMsMax = 20_000, silentMsMax = 250 } = options;
  let link: Link | null = null;

  const readings = (): Readings => ({ monotonicMs: clock.monotonicMs(), wallMs: clock.nowMs() });

  function open(): Link {
    const client = new Redis(options.url, {
      ...(options.user && { username: options.user.name, password: options.user.password }),
      lazyConnect: true,
      connectTimeout: connectMsMax,
      retryStrategy: () => null,
      autoResendUnfulfilledCommands: false,
      enableOfflineQueue: false,
      enableAutoPipelining: false,
      // Either would cost a round trip a connection: a Redis that is still loading says so to any command.
      enableReadyCheck: false,
      disableClientInfo: true,
    });
    // What fails, fails the calls that need it; without a listener the client would print it.
    client.on('error', () => {});
    const opened = client.connect();
    opened.catch(() => {});
    const made: Link = {
      client,
      opened,
      isOpen: false,
      heardAt: readings(),
      answerDueAtMs: null,
      underWay: 0,
    };
    client.once('ready', () => {
      made.isOpen = true;
      made.heardAt = readings();
      client.stream.on('data', () => {
        made.heardAt = readings();
        made.answerDueAtMs = null;
      });
    });
    client.once('end', () => drop(made));
    return made;
  }

  function drop(dropped: Link | null): void {
    if (dropped === null) return;
    if (link === dropped) link = null;
    dropped.client.disconnect();
    // Without it a socket to a silent peer would linger: `disconnect` only says goodbye.
    dropped.client.stream?.destroy();
  }

  function canBeTrusted({ client, isOpen, heardAt, answerDueAtMs }: Link, now: Readings): boolean {
    // By both clocks: the monotonic one may stand still while a machine is frozen.
    const quietMs = Math.max(now.monotonicMs - heardAt.monotonicMs, now.wallMs - heardAt.wallMs);
    if (!isOpen) return isConnecting(client) && quietMs <= connectMsMax;
    if (client.status !== 'ready' || !client.stream.writable || quietMs > idleMsMax) return false;
    return answerDueAtMs === null || now.monotonicMs <= answerDueAtMs;
  }

  /** The link as it stands, unless there is none that can be trusted. Nearly always there is. */
  const standingLink = (): Link | null => (link !== null && canBeTrusted(link, readings()) ? link : null);

  async function linkToUse(): Promise<Link> {
    // What it owes may have arrived, and not been read, while this process was held up.
    if (link !== null) await new Promise(setImmediate);
    if (standingLink() === null) drop(link);
    link ??= open();
    return link;
  }

  function commandFor(used: Link, { name: command, args, heldMs }: RedisRequest, nowMs: number): Command {
    const dueAtMs = nowMs + (heldMs ?? 0) + silentMsMax;
    used.answerDueAtMs = heldMs === undefined ? (used.answerDueAtMs ?? dueAtMs) : dueAtMs;
    return new Command(command, [...args], { replyEncoding: 'utf8' });
  }

  /** What several calls send at one moment goes out in one write. One call alone pays nothing for that. */
  function gather({ client: { stream }, underWay }: Link): void {
    if (underWay < 2 || stream.writableCorked > 0) return;
    stream.cork();
    process.nextTick(() => stream.uncork());
  }

  // One function, one timer: every hit of the cache goes through it. What `whenLate` does, without a closure more.
  async function exchange(requests: readonly RedisRequest[], deadline: Deadline): Promise<unknown[]> {
    for (let attempt = 1; ; attempt++) {
      const used = standingLink() ?? (await linkToUse());
      const stoodBefore = used.isOpen;
      let timer: NodeJS.Timeout | undefined;
      used.underWay++;
      try {
        if (!used.isOpen) await openBefore(used.opened, remainingMs(clock, deadline));
        const nowMs = clock.monotonicMs();
        const leftMs = deadline.atMonotonicMs - nowMs;
        if (leftMs <= 0) throw new Error('the deadline has passed');
        const commands = requests.map((request) => commandFor(used, request, nowMs));
        timer = setTimeout(setImmediate, Math.ceil(leftMs), () => {
          for (const command of commands) command.reject(new Error('no answer before the deadline'));
        });
        gather(used);
        const replies = commands.map((command) => used.client.sendCommand(command));
        return replies.length === 1 ? [await replies[0]] : await Promise.all(replies);
      } catch (error) {
        // A primary that has become a replica: the name leads to another one now.
        if (String(error).includes('READONLY')) drop(used);
        const wasClosed = stoodBefore && used.client.status !== 'ready' && !isReply(error);
        if (attempt > 1 || !wasClosed) throw new DependencyUnavailable(name, error);
      } finally {
        clearTimeout(timer);
        used.underWay--;
      }
    }
  }

  return { exchange, close: () => drop(link) };
}

const isConnecting = ({ status }: Redis): boolean => status !== 'close' && status !== 'end';

const isReply = (error: unknown): boolean => error instanceof Error && error.name === 'ReplyError';

async function openBefore(opened: Promise<void>, ms: number): Promise<void> {
  let cancel = (): void => {};
  const late = new Promise<never>((_, reject) => {
    cancel = whenLate(ms, () => reject(new Error('no connection before the deadline')));
  });
  try {
    await Promise.race([opened, late]);
  } finally {
    cancel();
  }
}
