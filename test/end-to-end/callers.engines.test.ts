/** Callers come and go while the service runs: their registry and the topology are parameters of each centre. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hashCallerKey } from '../../functions/adapters/crypto/hashers.ts';
import { makeParameter } from '../../functions/adapters/parameters/parameters.ts';
import type { Caller } from '../../functions/core/caller/caller.ts';
import { deadlineAfter } from '../../functions/core/kernel/clock.ts';
import type { CentreName } from '../../functions/core/propagation/event.ts';
import {
  awsParts,
  callersParameter,
  localCredentials,
  regions,
  topologyParameter,
} from '../../scripts/local/function-variables.ts';
import { pollUntil } from '../../scripts/local/polling.ts';
import { wallClock as clock } from '../adapters/wall-clock.ts';
import { makeApi, newIdentifiers } from './api.ts';
import { runningCopy } from './running.ts';

const { status } = runningCopy();
const centres: readonly CentreName[] = ['A', 'B'];
const path = '/v1/members/019a0000-0000-7000-8000-000000000000';
/** Longer than a function remembers what it read. */
const seenWithinMs = 90_000;

const newKey = (): string => randomBytes(32).toString('base64url');
const keys = { closed: newKey(), leaked: newKey() };

const callerOf = (name: keyof typeof keys, state: Caller['state']): Caller => ({
  ...{ name, owner: 'tests', purpose: 'tests', lane: 'critical', state },
  keyHashes: [hashCallerKey(keys[name])],
});

/** Changes a parameter of a centre. */
async function change(
  centre: CentreName,
  parameterName: string,
  changed: (content: Record<string, unknown>) => object,
): Promise<void> {
  const endpoint = status.parts.find(({ name }) => name === awsParts[centre])?.address;
  const connection = {
    name: awsParts[centre],
    region: regions[centre],
    endpoint,
    credentials: localCredentials,
    clock,
  };
  const parameter = makeParameter({ ...connection, parameterName });
  const content = await parameter.read((text) => JSON.parse(text) as Record<string, unknown>, soon());
  await parameter.write(JSON.stringify(changed(content)), soon());
}

const soon = () => deadlineAfter(clock, 10_000);

async function changeCallers(changed: (callers: Caller[]) => Caller[]): Promise<void> {
  for (const centre of centres) {
    await change(centre, callersParameter(centre), ({ callers, ...rest }) => ({
      ...rest,
      callers: changed(callers as Caller[]),
    }));
  }
}

async function revoke(revokedKeyHashes: readonly string[]): Promise<void> {
  for (const centre of centres) {
    await change(centre, topologyParameter(centre), ({ version, ...rest }) => ({
      ...rest,
      version: Number(version) + 1,
      revokedKeyHashes,
    }));
  }
}

const codeOf = async (base: string, key: string): Promise<string> =>
  (await makeApi(key)(base, 'GET', path)).body.code;
const bases = [status.frontDoor, status.centres.A.url, status.centres.B.url];

async function expectCode(key: string, code: string): Promise<void> {
  for (const base of bases) {
    const isThere = await pollUntil(async () => (await codeOf(base, key)) === code, {
      deadlineMs: seenWithinMs,
    });
    expect(isThere ? code : await codeOf(base, key)).toBe(code);
  }
}

beforeAll(() =>
  changeCallers((callers) => [...callers, callerOf('closed', 'disabled'), callerOf('leaked', 'active')]),
);

afterAll(async () => {
  await revoke([]);
  await changeCallers((callers) => callers.filter(({ name }) => !(name in keys)));
});

test('a caller that was disabled is refused, and told so', async () => {
  await expectCode(keys.closed, 'caller-disabled');
  const answer = await makeApi(keys.closed)(status.frontDoor, 'POST', '/v1/members', {
    body: newIdentifiers(),
  });
  expect(answer.status).toBe(403);
});

test('a key that was revoked is refused, for reads and writes', async () => {
  await expectCode(keys.leaked, 'no-such-member');
  await revoke([hashCallerKey(keys.leaked)]);
  await expectCode(keys.leaked, 'key-revoked');
  for (const base of bases) {
    const answer = await makeApi(keys.leaked)(base, 'POST', '/v1/members', { body: newIdentifiers() });
    expect(answer.body.code).toBe('key-revoked');
    expect(answer.status).toBe(403);
  }
  // The others go on.
  expect(await codeOf(status.frontDoor, status.callers.orders.key)).toBe('no-such-member');
});
