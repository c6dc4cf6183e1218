import { createServer, type Server } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { demandFreePorts, freePort } from '../../scripts/local/free-port.ts';

let stranger: Server | undefined;

afterEach(() => {
  stranger?.close();
});

it('a port that somebody else has is named, with the way out', async () => {
  const [free, port] = [await freePort(), await freePort()];
  await demandFreePorts([{ name: 'redis-a-0', port: free }]);
  await new Promise<void>((resolve) => {
    stranger = createServer().listen(port, '127.0.0.1', resolve);
  });
  await expect(
    demandFreePorts([
      { name: 'mysql-a', port },
      { name: 'redis-a-0', port: free },
    ]),
  ).rejects.toThrow(
    `Somebody else listens where this would:\n  - port ${port}, for mysql-a\nSet MEMBERSHIP_BASE_PORT`,
  );
});
