import { createServer } from 'node:net';
import { LocalFailure } from './failure.ts';

/** A port that nobody listens on at the moment, for something that ends soon. */
export async function freePort(): Promise<number> {
  const port = await listenOnce(0);
  if (port === undefined) throw new Error('There is no free port.');
  return port;
}

/** Throws one `LocalFailure` that names all ports that somebody else has, and the way out. */
export async function demandFreePorts(places: { name: string; port: number }[]): Promise<void> {
  const asked = places.map(async (place) => ({
    ...place,
    isFree: (await listenOnce(place.port)) !== undefined,
  }));
  const lines = (await Promise.all(asked))
    .filter((place) => !place.isFree)
    .map(({ name, port }) => `  - port ${port}, for ${name}`);
  if (lines.length === 0) return;
  throw new LocalFailure(
    `Somebody else listens where this would:\n${lines.join('\n')}\n` +
      'Set MEMBERSHIP_BASE_PORT to another base port, for example 5100.',
  );
}

function listenOnce(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : undefined));
    });
  });
}
