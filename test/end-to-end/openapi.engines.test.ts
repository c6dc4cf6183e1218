import { randomBytes, randomInt } from 'node:crypto';
import { expect, test } from 'vitest';
import type { ApiDescription } from '../../functions/runtime/api/openapi/describe-api.ts';
import { type DocumentExample, examplesIn, makeDocumentSchemas } from '../openapi-document.ts';
import { makeApi } from './api.ts';
import { everywhere, runningCopy } from './running.ts';

const copy = runningCopy();
const { A, B } = everywhere(copy);
const anybody = makeApi(null);
const orders = makeApi(copy.status.callers.orders.key);

const read = async (base: string) => (await anybody(base, 'GET', '/openapi.json')).body as ApiDescription;
const document = await read(A);
const schemas = makeDocumentSchemas(document);

test('both centres and lanes describe themselves alike', async () => {
  for (const base of [B, copy.status.callers.campaigns.url]) expect(await read(base)).toEqual(document);
});

/** What stands in place of a word of the examples: the first run of a suite is not the only one on a copy. */
const replaced = new Map<string, string>();
const fresh: Readonly<Record<string, () => string>> = {
  phone: () => `+8613${Array.from({ length: 9 }, () => randomInt(10)).join('')}`,
  cardNo: () => Array.from({ length: 16 }, () => randomInt(10)).join(''),
  unionId: () => `o6_${randomBytes(12).toString('hex')}`,
  accountId: () => `ex-${randomBytes(8).toString('hex')}`,
  'idempotency-key': () => `example-${randomBytes(8).toString('hex')}`,
};

function collect(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, content] of Object.entries(value)) {
    // What is no phone stays so.
    const make = name === 'phone' && !String(content).startsWith('+') ? undefined : fresh[name];
    if (make && typeof content === 'string' && !replaced.has(content)) replaced.set(content, make());
    collect(content);
  }
}

function filled<Value>(value: Value): Value {
  if (typeof value === 'string') return (replaced.get(value) ?? value) as Value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(filled) as Value;
  return Object.fromEntries(Object.entries(value).map(([name, content]) => [name, filled(content)])) as Value;
}

/** Ids and versions are the service's to give: what it answered stands for the example's from then on. */
function learn(told: unknown, answered: unknown): void {
  if (typeof told !== 'object' || told === null || typeof answered !== 'object' || answered === null) return;
  for (const [name, content] of Object.entries(told)) {
    const found = (answered as Record<string, unknown>)[name];
    if (name === 'memberId') replaced.set(String(content), String(found));
    else if (name === 'version') replaced.set(`"${content}"`, `"${found}"`);
    else learn(content, found);
  }
}

/** Without what no two runs have alike. On a busy machine the journal may miss its share of the time. */
function comparable(value: unknown): unknown {
  const given = ['memberId', 'version', 'createdAt', 'updatedAt', 'centre', 'durability', 'source'];
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(comparable);
  const entries = Object.entries(value).filter(([name]) => !given.includes(name));
  return Object.fromEntries(entries.map(([name, content]) => [name, comparable(content)]));
}

const send = ({ method, path, headers, body, status }: DocumentExample) => {
  const [replacedPath, sent] = [path.split('/').map(filled).join('/'), filled(headers)];
  const api = status === 401 ? anybody : orders;
  return api(A, method, replacedPath, { body: filled(body), idempotencyKey: null, headers: sent });
};

const examples = examplesIn(document);
for (const { body, headers } of examples) {
  collect(body);
  collect(headers);
}

test.each(examples.map((example) => [example.title, example] as const))('example: %s', async (_, example) => {
  const answer = await send(example);
  expect(answer.status, answer.text).toBe(example.status);
  expect(answer.headers.get('content-type')).toBe(example.contentType);
  expect(schemas.faultsOf(example.answerSchema, answer.body), answer.text).toEqual([]);
  learn(example.answer, answer.body);
  expect(comparable(answer.body)).toEqual(comparable(filled(example.answer)));
});
