/** `npm run rotate`, beside a service that goes on: first with a second identifiers key, then without it again. */
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { keptVariables } from '../../scripts/local/service-secrets.ts';
import { lookUp, lookupsOf, makeApi, newIdentifiers, register, write } from './api.ts';
import { runScript } from './copy.ts';
import { everywhere, runningCopy } from './running.ts';

const copy = runningCopy();
const { A, B } = everywhere(copy);
const api = makeApi(copy.status.callers.orders.key);
const variables = keptVariables(copy.home, 'A') ?? {};
const keyring = JSON.parse(variables.KEYRING ?? '{}');
const [standing] = keyring.identifiers;
const other = { version: 'other', key: randomBytes(32).toString('base64') };

const rotate = (identifiers: readonly object[], ...args: string[]) => {
  const KEYRING = JSON.stringify({ ...keyring, identifiers });
  return runScript('scripts/rotate.ts', ['--rate', '5000', ...args], { ...variables, KEYRING });
};

/** What each store has under each key, as the command counts it. */
const countsIn = (output: string) =>
  [...output.matchAll(/^(MySQL|search:\w+): members sealed with (.*?); identifiers under (.*)$/gm)].map(
    ([, store = '', sealed = '', identifiers = '']) => ({ store, sealed, identifiers }),
  );

/** Every run reads every slot of every cluster twice, and waits for the outboxes. */
const withinMs = 300_000;

describe('npm run rotate', () => {
  test('tells how it is used, and what is wrong', async () => {
    expect(await rotate(keyring.identifiers, '--help')).toMatchObject({ exitCode: 0 });
    for (const args of [['--rate', '0'], ['--wait', 'x'], ['--frob'], ['now'], ['--drop-old']])
      expect(await rotate(keyring.identifiers, ...args), args[0]).toMatchObject({
        exitCode: 2,
        output: expect.stringContaining('Usage: npm run rotate'),
      });
  });

  test(
    'brings every member under a second key and away from it, and counts that in every store',
    async () => {
      const [who, gone] = [newIdentifiers(), newIdentifiers()];
      const { member } = await register(api, A, who);
      const cancelled = await register(api, B, gone);
      await write(api, A, 'DELETE', `/v1/members/${cancelled.member.memberId}`);

      const both = await rotate([other, standing]);
      expect(both, both.output).toMatchObject({ exitCode: 0 });
      expect(both.output).toContain('Done: nothing is left under an old key.');
      const counts = countsIn(both.output);
      expect(counts.map(({ store }) => store).sort()).toEqual([
        'MySQL',
        'search:backup',
        'search:marketing',
        'search:primary',
      ]);
      const [first] = counts;
      for (const { sealed, identifiers } of counts) {
        expect({ sealed, identifiers }).toEqual({ sealed: first?.sealed, identifiers: expect.any(String) });
        const under = [...identifiers.matchAll(/key (\S+): (\d+)/g)].map(([, name, count]) => [name, count]);
        expect(under.map(([name]) => name).sort()).toEqual([other.version, standing.version].sort());
        expect(new Set(under.map(([, count]) => count)).size, identifiers).toBe(1);
      }

      // The service, which knows the standing key alone, goes on: a write frees both.
      await write(api, B, 'DELETE', `/v1/members/${member.memberId}/bindings/phone`);
      for (const base of [A, B]) {
        expect((await lookUp(api, base, { phone: who.phone })).status).toBe(404);
        for (const body of lookupsOf({ ...who, phone: undefined as never }))
          expect((await lookUp(api, base, body)).body).toMatchObject({ memberId: member.memberId });
      }

      const dropped = await rotate([standing, other], '--drop-old');
      expect(dropped, dropped.output).toMatchObject({ exitCode: 0 });
      for (const { identifiers } of countsIn(dropped.output))
        expect(identifiers).toMatch(new RegExp(`^key ${standing.version}: \\d+$`));
      for (const base of [A, B]) {
        const { body } = await api(base, 'GET', `/v1/members/${member.memberId}`);
        expect(body).toMatchObject({ name: who.name, cardNo: who.cardNo, accounts: who.accounts });
        expect(body.phone).toBeUndefined();
      }
    },
    withinMs,
  );

  test('says what is not rotated, and which member cannot be', async () => {
    const sealing = [{ id: 'unknown', key: randomBytes(32).toString('base64') }];
    const KEYRING = JSON.stringify({ ...keyring, sealing });
    const { exitCode, output } = await runScript('scripts/rotate.ts', [], { ...variables, KEYRING });
    expect(exitCode).toBe(1);
    expect(output).toMatch(/seal-broken: its sealing key is not in the keyring/);
    expect(output).toContain('<- not rotated');
  });
});
