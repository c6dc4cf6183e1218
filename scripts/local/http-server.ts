import type { Server } from 'node:http';
import { LocalFailure } from './failure.ts';

export interface HttpServer {
  readonly url: string;
  /** Takes no more connections and ends those that stand. */
  close(): Promise<void>;
}

const connectionsMax = 1_000;
/** Longer than any client here keeps an unused connection, so that no request meets one that is being closed. */
const keepAliveMs = 60_000;

/** Listens on 127.0.0.1; port 0 picks a free one. */
export function listen(server: Server, port: number): Promise<HttpServer> {
  server.maxConnections = connectionsMax;
  server.keepAliveTimeout = keepAliveMs;
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const isTaken = error.code === 'EADDRINUSE';
      reject(isTaken ? new LocalFailure(`Somebody else listens on port ${port}.`) : error);
    });
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      const at = typeof address === 'object' && address !== null ? address.port : port;
      resolve({
        url: `http://127.0.0.1:${at}`,
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            server.closeAllConnections();
          }),
      });
    });
  });
}
