import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { PART_NAMES, PORT_SPAN, portsOf, publicPorts } from '../../scripts/local/ports.ts';
import { readState } from '../../scripts/local/state.ts';
import { isLoopback, listenersOf, listening, processTree } from './processes.ts';
import { runningCopy } from './running.ts';

const { home, basePort } = runningCopy();

test('everything listens on 127.0.0.1, and nothing elsewhere', () => {
  const supervisor = readState(home)?.supervisor.pid ?? 0;
  const listeners = listenersOf(processTree(supervisor));
  const promised = [
    ...publicPorts(basePort).map(({ port }) => port),
    ...PART_NAMES.flatMap((part) => portsOf(part, basePort)),
  ];
  const ports = listeners.map(({ port }) => port);
  for (const port of promised) expect(ports).toContain(port);
  expect(listeners.filter(({ address }) => !isLoopback(address))).toEqual([]);
  // Whoever it is that listens there.
  const within = listening().filter(({ port }) => port >= basePort && port < basePort + PORT_SPAN);
  expect(within.filter(({ address }) => !isLoopback(address))).toEqual([]);
});

test('a listener elsewhere would be seen', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  const { port } = server.address() as { port: number };
  const mine = listenersOf([process.pid]).find((listener) => listener.port === port);
  expect(mine && isLoopback(mine.address)).toBe(false);
  await new Promise((resolve) => server.close(resolve));
});
