import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Stands between a client and a Redis, and takes the network's part. */
export interface RedisProxy {
  /** The Redis's address, through the proxy. */
  readonly url: string;
  /** How many connections were ever accepted. */
  connections(): number;
  /** What the clients have sent, and forgets it. */
  takeReceived(): string;
  /** From now on nothing passes on the connections that stand, and nobody is told. */
  blackhole(): void;
  /** The same for connections to come. */
  blackholeNew(on: boolean): void;
  /** Closes the connections that stand. */
  cut(): Promise<void>;
  /** Goes away: connecting is refused until `listen`. */
  goAway(): Promise<void>;
  listen(): Promise<void>;
  end(): Promise<void>;
}

export async function makeProxy(redisUrl: string): Promise<RedisProxy> {
  const upstream = new URL(redisUrl);
  const pairs = new Set<{ readonly client: Socket; readonly redis: Socket; dead: boolean }>();
  let received = '';
  let count = 0;
  let deadFromStart = false;

  const server = createServer((client) => {
    count += 1;
    const redis = connect(Number(upstream.port), upstream.hostname);
    const pair = { client, redis, dead: deadFromStart };
    pairs.add(pair);
    client.on('data', (chunk) => {
      received += chunk.toString('utf8');
      if (!pair.dead) redis.write(chunk);
    });
    redis.on('data', (chunk) => {
      if (!pair.dead) client.write(chunk);
    });
    for (const socket of [client, redis]) {
      socket.on('error', () => {});
      socket.on('close', () => {
        pairs.delete(pair);
        client.destroy();
        redis.destroy();
      });
    }
  });
  let port = 0;
  const listen = async () => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  };
  const cut = async () => {
    const closed = [...pairs].map(({ client }) => once(client, 'close'));
    for (const { client } of pairs) client.destroy();
    await Promise.all(closed);
  };
  const goAway = async () => {
    if (!server.listening) return;
    server.close();
    await cut();
  };
  await listen();
  const url = new URL(redisUrl);
  url.port = String(port);
  return {
    url: url.href,
    connections: () => count,
    takeReceived: () => {
      const taken = received;
      received = '';
      return taken;
    },
    blackhole: () => {
      for (const pair of pairs) pair.dead = true;
    },
    blackholeNew: (on) => {
      deadFromStart = on;
    },
    cut,
    goAway,
    listen,
    end: goAway,
  };
}
