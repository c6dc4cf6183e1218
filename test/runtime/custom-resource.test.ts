import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { customResource, type ResourceChange } from '../../functions/runtime/custom-resource.ts';

let answers: { status: string; id: string; reason?: string }[];
let responseUrl: string;
let close: () => Promise<void>;

beforeEach(async () => {
  answers = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => {
      body += part;
    });
    request.on('end', () => {
      const { Status: status, PhysicalResourceId: id, Reason: reason } = JSON.parse(body);
      answers.push({ status, id, reason });
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  responseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/answer`;
  close = () => new Promise((resolve) => void server.close(() => resolve()));
});
afterEach(() => close());

const eventOf = (type: 'Create' | 'Update' | 'Delete', more: object = {}) =>
  ({
    RequestType: type,
    ResponseURL: responseUrl,
    StackId: 's',
    RequestId: 'r',
    LogicalResourceId: 'Thing',
    PhysicalResourceId: 'Thing-kept',
    ResourceProperties: { ServiceToken: 't', name: 'new' },
    OldResourceProperties: { ServiceToken: 't', name: 'old' },
    ...more,
  }) as unknown as CloudFormationCustomResourceEvent;

const parse = (properties: unknown): string => (properties as { name: string }).name;

test('tells what is made, changed and removed, and answers with one id for good', async () => {
  const seen: ResourceChange<string>[] = [];
  const handler = customResource(parse, async (change) => void seen.push(change));
  for (const type of ['Create', 'Update', 'Delete'] as const) await handler(eventOf(type));
  expect(seen).toEqual([
    { kind: 'made', properties: 'new', former: null },
    { kind: 'changed', properties: 'new', former: 'old' },
    { kind: 'removed', properties: 'new' },
  ]);
  expect(answers.map(({ status, id }) => [status, id])).toEqual(Array(3).fill(['SUCCESS', 'Thing-kept']));
});

test('a failure is told, so that the deployment ends at once', async () => {
  const handler = customResource(parse, () => Promise.reject(new Error(`no way ${'x'.repeat(5_000)}`)));
  await handler(eventOf('Update'));
  expect(answers[0]?.status).toBe('FAILED');
  expect(answers[0]?.reason).toMatch(/^no way x/);
  expect(answers[0]?.reason?.length).toBeLessThan(2_000);
});

test('what could never be made does not keep its stack from going', async () => {
  const handler = customResource(parse, () => Promise.reject(new Error('it is not there')));
  await handler(eventOf('Delete', { PhysicalResourceId: 'the id that CloudFormation made up' }));
  expect(answers[0]?.status).toBe('SUCCESS');
});
