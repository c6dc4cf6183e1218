/** The commands of a user, on a copy of its own beside the one that all other tests share. */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PART_NAMES } from '../../scripts/local/ports.ts';
import { lookUp, lookupsOf, makeApi, newIdentifiers, register } from './api.ts';
import { type Copy, prepareCopy, type Status } from './copy.ts';
import { runningCopy } from './running.ts';

const other = runningCopy();
let copy: Copy;
let status: Status;

beforeAll(async () => {
  copy = await prepareCopy('commands', 5600);
});

afterAll(async () => {
  await copy.end();
  rmSync(copy.home, { recursive: true, force: true });
});

describe('a copy beside another', () => {
  const who = newIdentifiers();
  let memberId = '';

  test('does not run at first, and says so', async () => {
    const { exitCode, output } = await copy.command('status', '--json');
    expect(exitCode).toBe(1);
    expect(JSON.parse(output)).toMatchObject({ frontDoor: null, parts: [] });
    expect((await copy.command('stop')).output).toContain('does not run');
  });

  test('starts, and says where everything is', async () => {
    status = await copy.start();
    const at = (offset: number) => `http://127.0.0.1:${copy.basePort + offset}`;
    expect(status).toEqual({
      frontDoor: at(0),
      centres: { A: { url: at(1) }, B: { url: at(2) } },
      callers: {
        orders: { key: expect.stringMatching(/^\S{20,}$/), lane: 'critical', url: at(0) },
        campaigns: { key: expect.stringMatching(/^\S{20,}$/), lane: 'marketing', url: at(10) },
      },
      parts: expect.any(Array),
    });
    const names = status.parts.map(({ name }) => name);
    for (const part of PART_NAMES) expect(names).toContain(part);
    for (const part of status.parts) {
      expect(part).toEqual({
        name: part.name,
        state: 'up',
        address: expect.stringMatching(/^[a-z]+:\/\/127\.0\.0\.1:\d+$/),
      });
    }
    expect((await copy.command('status')).exitCode).toBe(0);
  });

  test('is started once only', async () => {
    const { exitCode, output } = await copy.command('start', '--detach');
    expect(exitCode).toBe(0);
    expect(output).toContain('already runs');
  });

  test('has members and keys of its own', async () => {
    const api = makeApi(status.callers.orders.key);
    const { member } = await register(api, status.centres.B.url, who);
    memberId = member.memberId;
    const elsewhere = makeApi(other.status.callers.orders.key);
    expect((await elsewhere(other.status.frontDoor, 'GET', `/v1/members/${memberId}`)).status).toBe(404);
    expect((await elsewhere(status.frontDoor, 'GET', `/v1/members/${memberId}`)).status).toBe(401);
  });

  test('has them still after it was stopped and started', async () => {
    expect((await copy.command('stop')).exitCode).toBe(0);
    expect((await copy.command('status')).exitCode).toBe(1);
    await expect(fetch(status.frontDoor)).rejects.toThrow();
    const again = await copy.start();
    expect(again.callers).toEqual(status.callers);
    const api = makeApi(again.callers.orders.key);
    for (const base of [again.frontDoor, again.centres.A.url, again.centres.B.url]) {
      const found = await api(base, 'GET', `/v1/members/${memberId}`);
      expect(found.body, found.text).toMatchObject({ memberId, ...who });
      for (const body of lookupsOf(who)) expect((await lookUp(api, base, body)).body).toEqual(found.body);
    }
    const { member } = await register(api, again.frontDoor);
    expect(member.memberId).not.toBe(memberId);
  });

  test('has nothing after a reset, and the other one goes on', async () => {
    expect((await copy.command('reset')).exitCode).toBe(0);
    for (const name of ['data', 'logs', 'secrets.json'])
      expect(existsSync(join(copy.home, name))).toBe(false);
    await expect(fetch(status.frontDoor)).rejects.toThrow();
    expect((await fetch(new URL('/health', other.status.frontDoor))).status).toBe(200);
  });
});

test('what is no command is refused with the usage', async () => {
  for (const args of [[], ['begin'], ['stop', '--detach'], ['start', '--what']]) {
    const { exitCode, output } = await copy.command(...args);
    expect(exitCode).toBe(2);
    expect(output).toContain('Usage:');
  }
});
