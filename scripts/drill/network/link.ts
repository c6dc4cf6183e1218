/** A small TCP proxy between a centre's functions and one part: it takes the network's place, and its weather. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { makePump, type Pump } from './pump.ts';
import { clear, type Weather } from './weather.ts';

const connectionsMax = 1_000;

export interface Link {
  readonly port: number;
  set(weather: Weather): void;
  close(): Promise<void>;
}

interface Connection {
  readonly client: Socket;
  readonly part: Socket;
  readonly requests: Pump;
  readonly answers: Pump;
}

/** Listens on a free port of 127.0.0.1, for the part that listens at `target`. */
export async function openLink(target: { readonly host: string; readonly port: number }): Promise<Link> {
  const connections = new Set<Connection>();
  let weather: Weather = clear;

  const apply = ({ client, part, requests, answers }: Connection): void => {
    if (weather.kind === 'reset') {
      client.resetAndDestroy();
      part.resetAndDestroy();
      return;
    }
    const of = weather.kind === 'blackhole' ? weather.of : null;
    const delayMs = weather.kind === 'latency' ? weather.ms : 0;
    requests.set({ isHeld: of === 'both' || of === 'requests', delayMs });
    answers.set({ isHeld: of === 'both' || of === 'answers', delayMs });
    // Whoever left in the meantime could not say so.
    if (of === null && (client.closed || part.closed)) end({ client, part, requests, answers });
  };
  const end = ({ client, part, requests, answers }: Connection): void => {
    requests.end();
    answers.end();
    client.destroy();
    part.destroy();
  };

  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (client) => {
    const part = connect({ ...target, allowHalfOpen: true });
    client.setNoDelay(true);
    part.setNoDelay(true);
    const connection = { client, part, requests: makePump(client, part), answers: makePump(part, client) };
    connections.add(connection);
    for (const socket of [client, part]) {
      socket.on('error', () => {});
      socket.on('close', (isFault) => {
        const isGone = client.closed && part.closed;
        if (isGone) connections.delete(connection);
        // A blackhole swallows the news.
        if (weather.kind === 'blackhole') return;
        if (isFault) (socket === client ? part : client).resetAndDestroy();
        end(connection);
      });
    }
    apply(connection);
  });
  server.maxConnections = connectionsMax;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    set(next) {
      weather = next;
      for (const connection of [...connections]) apply(connection);
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const connection of connections) end(connection);
      await closed;
    },
  };
}
