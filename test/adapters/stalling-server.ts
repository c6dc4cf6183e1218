import { createServer, type Server } from 'node:net';

export interface StallingServer {
  readonly url: string;
  /** How many connections were made to it. */
  connections(): number;
  close(): Promise<void>;
}

/**
 * A server that accepts connections and then hangs, as a stopped process does: `accepts` never answers, `half-answers`
 * sends the head of an answer and the beginning of a body that never ends.
 */
export async function startStallingServer(how: 'accepts' | 'half-answers'): Promise<StallingServer> {
  let connections = 0;
  const sockets = new Set<import('node:net').Socket>();
  const server: Server = createServer((socket) => {
    connections++;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', () => {
      if (how === 'half-answers') {
        socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{"');
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    connections: () => connections,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
