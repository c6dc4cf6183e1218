/**
 * The real stacks, deployed by `npm run deploy:local` into both regions of a stand-in, with the bundled functions: asked
 * through the deployed APIs alone. Then deployed again, and destroyed.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as sqs from '@aws-sdk/client-sqs';
import { SQSClient, type SQSClientConfig } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readAliasOf } from '../../functions/adapters/opensearch/names.ts';
import type { Deployed } from '../../scripts/deploy-local/deployed.ts';
import { ownerOf } from '../../scripts/local/directory-owner.ts';
import { pollUntil } from '../../scripts/local/polling.ts';
import { PORT_SPAN, portOf } from '../../scripts/local/ports.ts';
import { lookUp, lookupsOf, makeApi, newIdentifiers, register, write } from '../end-to-end/api.ts';
import { startWatchdog } from '../end-to-end/watchdog.ts';
import { ownPlace } from '../own-place.ts';

const commandWithinMs = 900_000;
const place = ownPlace('deployment', 5560, 'deployed');
const home = join(place.directory, 'deployed');
const basePort = place.basePort + PORT_SPAN;
const watchdog = startWatchdog(home);

interface Ended {
  readonly exitCode: number;
  readonly output: string;
  readonly said: string;
}

function command(...args: readonly string[]): Promise<Ended> {
  const { AWS_ENDPOINT_URL: _, ...variables } = process.env;
  const env = {
    ...variables,
    MEMBERSHIP_HOME: place.directory,
    MEMBERSHIP_BASE_PORT: String(place.basePort),
  };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['scripts/deploy-local/cli.ts', ...args],
      { timeout: commandWithinMs, env },
      (error, output, said) => {
        const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
        resolve({ exitCode, output, said });
      },
    );
  });
}

let deployed: Deployed;
let said = '';

beforeAll(async () => {
  await command('destroy');
  const ended = await command('deploy', '--json');
  if (ended.exitCode !== 0) throw new Error(`it is not deployed:\n${ended.said}`);
  said = ended.said;
  deployed = JSON.parse(ended.output);
}, commandWithinMs);

afterAll(async () => {
  await command('destroy');
  watchdog.dismiss();
}, commandWithinMs);

const urlOf = (centre: 'A' | 'B', lane: 'critical' | 'marketing' = 'critical') =>
  deployed.centres[centre].urls[lane];

describe('through the deployed APIs', () => {
  const who = newIdentifiers();
  let memberId = '';
  let version = 0;
  const orders = () => makeApi(deployed.callers.orders);

  test('each centre says that it serves, to anybody', async () => {
    for (const centre of ['A', 'B'] as const) {
      const answer = await makeApi(null)(urlOf(centre), 'GET', '/health');
      expect(answer.body, answer.text).toEqual({ status: 'serving', centre });
    }
  });

  test('a member registered in A is found in B, whole and fresh', async () => {
    const { member, receipt } = await register(orders(), urlOf('A'), who);
    expect(receipt).toMatchObject({ epoch: 1, durability: 'both-centres' });
    ({ memberId, version } = member);
    for (const body of lookupsOf(who)) {
      const found = await lookUp(orders(), urlOf('B'), body);
      expect(found.status, found.text).toBe(200);
      expect(found.headers.get('x-freshness')).toBe('fresh');
      expect(found.body).toEqual(member);
    }
  });

  test('takes one more account, through B', async () => {
    const account = { platform: 'elong-app', accountId: `el-${who.unionId}` };
    const bound = await write(orders(), urlOf('B'), 'POST', `/v1/members/${memberId}/bindings`, { account });
    version = bound.body.receipt.version;
    const found = await lookUp(orders(), urlOf('A'), { account });
    expect(found.body).toEqual(bound.body.member);
  });

  test('its phone is its own', async () => {
    const other = await orders()(urlOf('B'), 'POST', '/v1/members', {
      body: { ...newIdentifiers(), phone: who.phone },
    });
    expect(other.status, other.text).toBe(409);
    expect(other.body).toMatchObject({ code: 'identifier-bound', errors: [{ path: '/phone' }] });
  });

  test('a wrong version changes nothing', async () => {
    const refused = await orders()(urlOf('A'), 'PATCH', `/v1/members/${memberId}`, {
      body: { level: 2 },
      headers: { 'if-match': `"${version - 1}"` },
    });
    expect(refused.status, refused.text).toBe(409);
    expect(refused.body.code).toBe('version-conflict');
  });

  test('a caller is refused at the other lane’s API', async () => {
    const refused = await lookUp(orders(), urlOf('A', 'marketing'), { phone: who.phone });
    expect(refused.status, refused.text).toBe(403);
    expect(refused.body.code).toBe('wrong-lane');
    const campaigns = makeApi(deployed.callers.campaigns);
    expect((await lookUp(campaigns, urlOf('A'), { phone: who.phone })).body.code).toBe('wrong-lane');
    const found = await lookUp(campaigns, urlOf('B', 'marketing'), { phone: who.phone });
    expect(found.status, found.text).toBe(200);
  });

  test('what has no route is a problem of ours', async () => {
    const answer = await makeApi(null)(urlOf('A'), 'GET', '/v1/nothing');
    expect(answer.status).toBe(404);
    expect(answer.body.code).toBe('no-such-route');
  });

  test('the event sources bring it to the search clusters that no write waits for', async () => {
    for (const cluster of ['search-backup', 'search-marketing'] as const) {
      const url = `http://127.0.0.1:${portOf(cluster, basePort)}/${readAliasOf('', 'members')}`;
      const isThere = async () => {
        await fetch(`${url}/_refresh`, { method: 'POST' });
        const { count } = (await (await fetch(`${url}/_count`)).json()) as { count: number };
        return count > 0;
      };
      expect(await pollUntil(isThere, { deadlineMs: 60_000 }), cluster).toBe(true);
    }
  });

  test('is cancelled in B, and nobody finds it in A', async () => {
    await write(orders(), urlOf('B'), 'DELETE', `/v1/members/${memberId}`);
    for (const body of lookupsOf(who)) {
      const found = await lookUp(orders(), urlOf('A'), body);
      expect(found.body.code, found.text).toBe('no-such-member');
    }
  });
});

test('a poisoned message reaches the dead letters, and is put back by a redrive', async () => {
  const { region } = deployed.centres.A;
  const config: SQSClientConfig = {
    region,
    endpoint: deployed.endpoint,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    useQueueUrlAsEndpoint: false,
  };
  const client = new SQSClient(config);
  const urlOfQueue = async (QueueName: string): Promise<string> =>
    (await client.send(new sqs.GetQueueUrlCommand({ QueueName }))).QueueUrl ?? '';
  const queue = await urlOfQueue(deployed.queue);
  const dead = await urlOfQueue(`${deployed.queue}-dead`);
  const attributesOf = async (QueueUrl: string) =>
    (await client.send(new sqs.GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] })))
      .Attributes ?? {};
  const deadLetters = async () => Number((await attributesOf(dead)).ApproximateNumberOfMessages);
  const standing = (await attributesOf(queue)).VisibilityTimeout ?? '';
  const comeAgainAfter = (VisibilityTimeout: string) =>
    client.send(new sqs.SetQueueAttributesCommand({ QueueUrl: queue, Attributes: { VisibilityTimeout } }));
  try {
    // Five receptions would otherwise take a quarter of an hour.
    await comeAgainAfter('1');
    await client.send(new sqs.SendMessageCommand({ QueueUrl: queue, MessageBody: 'no message of ours' }));
    expect(await pollUntil(async () => (await deadLetters()) === 1, { deadlineMs: 90_000 })).toBe(true);
    // By hand, what StartMessageMoveTask does: the stand-in does not know it.
    const { Messages = [] } = await client.send(
      new sqs.ReceiveMessageCommand({ QueueUrl: dead, WaitTimeSeconds: 5 }),
    );
    for (const { Body, ReceiptHandle } of Messages) {
      await client.send(new sqs.SendMessageCommand({ QueueUrl: queue, MessageBody: Body }));
      await client.send(new sqs.DeleteMessageCommand({ QueueUrl: dead, ReceiptHandle }));
    }
    expect(Messages).toHaveLength(1);
    expect(await deadLetters()).toBe(0);
    // It is poisoned still: through the queue and its consumer it comes back.
    expect(await pollUntil(async () => (await deadLetters()) === 1, { deadlineMs: 90_000 })).toBe(true);
  } finally {
    await comeAgainAfter(standing);
    client.destroy();
  }
}, 300_000);

test('every type that the stand-in does not know is told of', () => {
  expect(said).toContain('Unproven');
  expect(said).toContain('AWS::RDS::DBProxy');
});

test(
  'a second deployment changes nothing',
  async () => {
    const { exitCode, said: again } = await command('deploy', '--json');
    expect(exitCode, again).toBe(0);
    const stacks = again.split('\n').filter((line) => line.startsWith('  membership-local-'));
    expect(stacks.length).toBeGreaterThan(25);
    expect(stacks.filter((line) => !line.endsWith('(no changes)'))).toEqual([]);
  },
  commandWithinMs,
);

test(
  'is destroyed, and leaves nothing',
  async () => {
    const { exitCode, said: last } = await command('destroy');
    expect(exitCode, last).toBe(0);
    const gone = last.split('\n').filter((line) => /membership-local-\S+ +destroyed/.test(line));
    expect(gone.length).toBeGreaterThan(25);
    expect(existsSync(home)).toBe(false);
    expect(ownerOf(home)).toBeUndefined();
  },
  commandWithinMs,
);
