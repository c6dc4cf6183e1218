/** The drill's proxy, between a client and a server that echoes what it is sent. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Link, openLink } from '../../scripts/drill/network/link.ts';
import { clear } from '../../scripts/drill/network/weather.ts';

let server: Server;
let link: Link;
/** What the server was sent, all of it. */
let received = '';
/** Resolved by the next that it is sent. */
let onHeard: () => void = () => {};
const nextHeard = (): Promise<void> =>
  new Promise((resolve) => {
    onHeard = resolve;
  });
const clients: Socket[] = [];

beforeEach(async () => {
  received = '';
  server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      received += chunk;
      onHeard();
      socket.write(`echo ${chunk}`);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  link = await openLink({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await link.close();
  await new Promise((resolve) => server.close(resolve));
});

async function client(): Promise<Socket> {
  const socket = connect(link.port, '127.0.0.1');
  clients.push(socket);
  await once(socket, 'connect');
  return socket;
}

/** However it was closed. */
const closed = (socket: Socket): Promise<void> =>
  new Promise((resolve) => socket.once('close', () => resolve()));
const said = async (socket: Socket): Promise<string> => String((await once(socket, 'data'))[0]);
/** Whether anything comes, as long as somebody else's talk takes that goes the whole way. */
async function staysSilent(socket: Socket, other: () => Promise<unknown>): Promise<boolean> {
  let isSilent = true;
  const break_ = () => {
    isSilent = false;
  };
  socket.once('data', break_);
  await other();
  socket.off('data', break_);
  return isSilent;
}

it('passes both ways in clear weather', async () => {
  const socket = await client();
  socket.write('hello');
  expect(await said(socket)).toBe('echo hello');
});

it('a blackhole holds requests on connections that stand and on new ones; they arrive when it clears', async () => {
  const standing = await client();
  standing.write('before');
  await said(standing);
  link.set({ kind: 'blackhole', of: 'both' });
  const fresh = await client();
  standing.write('one');
  fresh.write('two');
  const direct = connect((server.address() as AddressInfo).port, '127.0.0.1');
  clients.push(direct);
  direct.write('direct');
  await said(direct);
  expect(received).toBe('beforedirect');
  const answers = Promise.all([said(standing), said(fresh)]);
  link.set(clear);
  expect(await answers).toEqual(['echo one', 'echo two']);
});

it('when answers are lost, what was asked is done all the same', async () => {
  const socket = await client();
  link.set({ kind: 'blackhole', of: 'answers' });
  const arrived = nextHeard();
  socket.write('do it');
  await arrived;
  expect(received).toBe('do it');
  const direct = connect((server.address() as AddressInfo).port, '127.0.0.1');
  clients.push(direct);
  const talk = async () => {
    direct.write('x');
    await said(direct);
  };
  expect(await staysSilent(socket, talk)).toBe(true);
  const answer = said(socket);
  link.set(clear);
  expect(await answer).toBe('echo do it');
});

it('what was sent by a client that has gone arrives late', async () => {
  const socket = await client();
  link.set({ kind: 'blackhole', of: 'requests' });
  const arrived = nextHeard();
  socket.end('last words');
  await once(socket, 'finish');
  link.set(clear);
  await arrived;
  expect(received).toBe('last words');
});

it('latency delays each way, and keeps the order', async () => {
  const socket = await client();
  link.set({ kind: 'latency', ms: 40 });
  const beganMs = performance.now();
  socket.write('slow');
  expect(await said(socket)).toBe('echo slow');
  expect(performance.now() - beganMs).toBeGreaterThanOrEqual(79);
  socket.write('a');
  const arrived = nextHeard();
  link.set(clear);
  socket.write('b');
  await arrived;
  while (received.length < 'slowab'.length) await said(socket);
  expect(received).toBe('slowab');
});

it('resets what stands and what is made', async () => {
  const socket = await client();
  socket.on('error', () => {});
  const ended = closed(socket);
  link.set({ kind: 'reset' });
  await ended;
  const fresh = connect(link.port, '127.0.0.1');
  fresh.on('error', () => {});
  clients.push(fresh);
  await closed(fresh);
  link.set(clear);
  const later = await client();
  later.write('again');
  expect(await said(later)).toBe('echo again');
});

it('a server that is gone is one that resets', async () => {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  const socket = connect(link.port, '127.0.0.1');
  socket.on('error', () => {});
  clients.push(socket);
  await closed(socket);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
