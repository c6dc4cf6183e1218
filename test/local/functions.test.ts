import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type FunctionPool, makeFunctionPool, type PoolOptions } from '../../scripts/local/functions.ts';

let modules: string;
beforeAll(() => {
  modules = mkdtempSync(join(tmpdir(), 'membership-functions-'));
  const functions = {
    // Answers when it is told to, by a shared cell: nothing here waits by the clock.
    gate: `
      let calls = 0;
      export const handler = async ({ cell }) => {
        const call = ++calls;
        const view = new Int32Array(cell);
        Atomics.add(view, 1, 1);
        Atomics.notify(view, 1);
        await Atomics.waitAsync(view, 0, 0).value;
        return { call, environment: process.env.NAME };
      };`,
    ticks: `
      export const handler = async ({ cell }) => {
        const view = new Int32Array(cell);
        setInterval(() => {
          Atomics.add(view, 1, 1);
          Atomics.notify(view, 1);
        }, 1);
      };`,
    context: `export const handler = async (event, context) => ({ ...event, left: context.getRemainingTimeInMillis(), name: context.functionName, path: process.env.PATH });`,
    throws: `export const handler = async () => { throw new Error('on purpose'); };`,
    crashes: `export const handler = () => { setImmediate(() => { throw new Error('on purpose'); }); return new Promise(() => {}); };`,
    hangs: `export const handler = () => new Promise(() => {});`,
    prints: `export const handler = async ({ text }) => { process.stdout.write(text); };`,
  };
  for (const [name, source] of Object.entries(functions)) writeFileSync(join(modules, `${name}.mjs`), source);
  writeFileSync(join(modules, 'broken.mjs'), 'throw new Error("cannot be loaded");');
});
afterAll(() => rmSync(modules, { recursive: true }));

let pool: FunctionPool | undefined;
afterEach(() => pool?.stop());

const optionsOf = (functions: readonly string[]): PoolOptions => ({
  functions,
  modules,
  variables: { NAME: 'here' },
  environmentsMin: 1,
  environmentsMax: 1,
  waitingMax: 10,
  timeoutMs: 30_000,
  onOutput: () => {},
});

async function start(
  functions: readonly string[],
  options: Partial<PoolOptions> = {},
): Promise<FunctionPool> {
  pool = makeFunctionPool({ ...optionsOf(functions), ...options });
  await pool.warm;
  return pool;
}

/** Newer than the project's library of types. */
const { waitAsync } = Atomics as unknown as {
  waitAsync(view: Int32Array, index: number, value: number): { value: Promise<string> | string };
};

/** Cell 0 opens the gate, cell 1 counts the invocations that stand at it. */
function makeGate() {
  const cell = new SharedArrayBuffer(8);
  const view = new Int32Array(cell);
  return {
    event: { cell },
    async standing(count: number): Promise<void> {
      for (let now = Atomics.load(view, 1); now < count; now = Atomics.load(view, 1)) {
        await waitAsync(view, 1, now).value;
      }
    },
    standingNow: () => Atomics.load(view, 1),
    open(): void {
      Atomics.store(view, 0, 1);
      Atomics.notify(view, 0);
    },
  };
}

describe('an environment', () => {
  it('has the variables it was given and no others, and the time it has left', async () => {
    const { invoke } = await start(['context']);
    const outcome = await invoke('context', { a: 1 });
    expect(outcome).toMatchObject({ kind: 'answered', result: { a: 1, name: 'context', path: undefined } });
    const { left } = (outcome as unknown as { result: { left: number } }).result;
    expect(left).toBeGreaterThan(25_000);
    expect(left).toBeLessThanOrEqual(30_000);
  });

  it('keeps its modules from one invocation to the next', async () => {
    const { invoke } = await start(['gate']);
    const gate = makeGate();
    gate.open();
    await invoke('gate', gate.event);
    expect(await invoke('gate', gate.event)).toEqual({
      kind: 'answered',
      result: { call: 2, environment: 'here' },
    });
  });

  it('is not given what nobody waits for any more', async () => {
    const { invoke } = await start(['gate']);
    const gate = makeGate();
    const first = invoke('gate', gate.event);
    await gate.standing(1);
    const leaving = new AbortController();
    const abandoned = invoke('gate', gate.event, leaving.signal);
    const last = invoke('gate', gate.event);
    leaving.abort();
    expect(await abandoned).toEqual({ kind: 'throttled' });
    gate.open();
    await first;
    expect(await last).toMatchObject({ kind: 'answered', result: { call: 2 } });
  });

  it('takes one invocation at a time', async () => {
    const { invoke } = await start(['gate']);
    const [first, second] = [makeGate(), makeGate()];
    const one = invoke('gate', first.event);
    const two = invoke('gate', second.event);
    await first.standing(1);
    expect(second.standingNow()).toBe(0);
    first.open();
    await one;
    await second.standing(1);
    second.open();
    expect(await two).toMatchObject({ result: { call: 2 } });
  });

  it('runs nothing between invocations, unless it is told not to freeze', async () => {
    const { invoke } = await start(['ticks']);
    const free = makeFunctionPool({ ...optionsOf(['ticks']), freezes: false });
    try {
      const [frozen, ticking] = [makeGate(), makeGate()];
      await invoke('ticks', frozen.event);
      const before = frozen.standingNow();
      await free.invoke('ticks', ticking.event);
      // The same timer beside it, which is not frozen, shows that there was time enough.
      await ticking.standing(200);
      expect(frozen.standingNow()).toBe(before);
    } finally {
      await free.stop();
    }
  });

  it('hands out what its functions print', async () => {
    const printed: string[] = [];
    const { invoke } = await start(['prints'], { onOutput: (text) => void printed.push(text) });
    await invoke('prints', { text: 'one' });
    await invoke('prints', { text: 'two' });
    expect(printed.join('')).toContain('one');
  });
});

describe('a pool', () => {
  it('grows up to its bound, queues up to its bound, and throttles beyond', async () => {
    const { invoke } = await start(['gate'], { environmentsMax: 2, waitingMax: 1 });
    const gate = makeGate();
    const taken = [invoke('gate', gate.event), invoke('gate', gate.event)];
    await gate.standing(2);
    const queued = invoke('gate', gate.event);
    expect(await invoke('gate', gate.event)).toEqual({ kind: 'throttled' });
    gate.open();
    expect((await Promise.all([...taken, queued])).map(({ kind }) => kind)).toEqual([
      'answered',
      'answered',
      'answered',
    ]);
  });

  it('asks a new environment its warm-ups before anything else', async () => {
    const gate = makeGate();
    gate.open();
    const { invoke } = await start(['gate'], {
      warmUps: [1, 2].map(() => ({ name: 'gate', event: gate.event })),
    });
    expect(await invoke('gate', gate.event)).toMatchObject({ result: { call: 3 } });
  });

  it('answers that a function threw, and goes on', async () => {
    const { invoke } = await start(['throws', 'context']);
    expect(await invoke('throws', {})).toMatchObject({
      kind: 'failed',
      message: expect.stringContaining('on purpose'),
    });
    expect(await invoke('context', {})).toMatchObject({ kind: 'answered' });
  });

  it('replaces an environment that crashed', async () => {
    const { invoke } = await start(['crashes', 'gate']);
    const gate = makeGate();
    gate.open();
    await invoke('gate', gate.event);
    expect(await invoke('crashes', {})).toEqual({ kind: 'failed', message: 'the environment ended' });
    expect(await invoke('gate', gate.event)).toMatchObject({ result: { call: 1 } });
  });

  it('ends an invocation that outstays its time, and its environment with it', async () => {
    const { invoke } = await start(['hangs', 'context'], { timeoutMs: 100 });
    expect(await invoke('hangs', {})).toEqual({ kind: 'failed', message: 'took longer than 100 ms' });
    expect(await invoke('context', {})).toMatchObject({ kind: 'answered' });
  });

  it('says so when a function cannot be loaded', async () => {
    await expect(start(['broken'])).rejects.toThrow('could not be loaded');
    expect(await pool?.invoke('broken', {})).toMatchObject({ kind: 'failed' });
  });

  it('stops in the middle of everything', async () => {
    const { invoke, stop } = await start(['gate'], { environmentsMax: 1 });
    const gate = makeGate();
    const [taken, queued] = [invoke('gate', gate.event), invoke('gate', gate.event)];
    await gate.standing(1);
    await stop();
    expect((await taken).kind).toBe('failed');
    expect((await queued).kind).toBe('throttled');
    expect(await invoke('gate', gate.event)).toEqual({ kind: 'throttled' });
  });
});
