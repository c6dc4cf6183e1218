import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { makeSecretStore } from '../../../functions/adapters/secrets/secret-store.ts';
import { DependencyUnavailable } from '../../../functions/core/kernel/invariant.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

interface Asked {
  readonly target: string | undefined;
  readonly body: string;
}

async function startStore(answer: (response: ServerResponse, count: number) => void) {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => (body += String(part)));
    request.on('end', () => {
      asked.push({ target: request.headers['x-amz-target'] as string, body });
      answer(response, asked.length);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const read = makeSecretStore({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'ap-southeast-1',
    credentials: { accessKeyId: 'id', secretAccessKey: 'key' },
    attemptMs: 200,
  });
  return { asked, read };
}

test('reads a secret', async () => {
  const { asked, read } = await startStore((response) => response.end('{"SecretString":"kept"}'));
  expect(await read('membership/keyring')).toBe('kept');
  expect(asked).toEqual([
    { target: 'secretsmanager.GetSecretValue', body: '{"SecretId":"membership/keyring"}' },
  ]);
});

test('asks again after a fault, and again when there is no answer in time', async () => {
  const { asked, read } = await startStore((response, count) => {
    if (count === 1) response.writeHead(500).end('{"SecretString":"not this"}');
    if (count === 3) response.end('{"SecretString":"kept"}');
  });
  expect(await read('a')).toBe('kept');
  expect(asked).toHaveLength(3);
});

test('gives up after three attempts, and repeats nothing of what it was told', async () => {
  const { asked, read } = await startStore((response) => response.writeHead(400).end('{"Message":"hush"}'));
  const error = await read('a').catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(DependencyUnavailable);
  expect(String((error as Error).cause)).toBe('Error: it answered 400');
  expect(asked).toHaveLength(3);
});

test('does not take an answer without an end', async () => {
  const { read } = await startStore((response) => void response.write('x'.repeat(200 * 1024)));
  await expect(read('a')).rejects.toBeInstanceOf(DependencyUnavailable);
});
