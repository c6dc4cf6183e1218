/** Runs on the service in memory: order, rejections, stops, and beginning again. */
import { expect, test } from 'vitest';
import type { Identifier } from '../../functions/core/member/identifiers.ts';
import { type Item, type RunPorts, RunStopped, run } from '../../scripts/seed/run.ts';
import { makeSteps } from '../protocol/steps.ts';
import { account, entryOf, type MemoryService, makeMemoryService, phone } from './memory-service.ts';

const pathOf = (field: string): string => `/${field}`;
const lineOf = (line: number, ...identifiers: readonly Identifier[]): Item => ({
  line,
  done: line / 1_000,
  entry: entryOf(line, ...identifiers),
  pathOf,
});

async function runOn(service: MemoryService, source: RunPorts['source'], more: Partial<RunPorts> = {}) {
  const rejected: string[] = [];
  const outcome = await run({
    source,
    importer: service.process().importer,
    outboxLength: async () => 0,
    clock: service.clock,
    reject: (line, { code, errors }) =>
      void rejected.push(`${line} ${code} ${errors.map(({ path }) => path)}`),
    onProgress: () => {},
    signal: new AbortController().signal,
    ...more,
  });
  return { ...outcome, rejected };
}

/** Every third line wants the phone of the line 100 before it; line 500 is malformed, and so 600 gets it. */
const wantsAnothers = (line: number): boolean => line % 3 === 0 && line > 100;

const source = (count: number): readonly Item[] =>
  Array.from({ length: count }, (_, at) => {
    const line = at + 1;
    if (line === 500) return { line, done: 0.5, rejection: { code: 'malformed-json', errors: [] } };
    return lineOf(line, phone(10_000 + (wantsAnothers(line) ? line - 100 : line)), account(line));
  });

test('every line is in, or rejected by its number and why, in order; and again the same', async () => {
  const service = makeMemoryService();
  const expected = source(900).flatMap(({ line }) =>
    line === 500
      ? ['500 malformed-json ']
      : wantsAnothers(line) && line !== 600
        ? [`${line} identifier-bound /phone`]
        : [],
  );
  for (let repetition = 0; repetition < 2; repetition++) {
    // The first batch is slow: who comes behind could overtake it.
    const { importer } = service.process();
    let batches = 0;
    const slowly: typeof importer = async (entries) => {
      if (++batches === 1) for (let turn = 0; turn < 20_000; turn++) await null;
      return importer(entries);
    };
    const outcome = await runOn(service, source(900), { importer: slowly });
    expect(outcome).toMatchObject({ registered: 633, isComplete: true });
    expect(outcome.rejected).toEqual(expected);
    expect(service.members()).toHaveLength(633);
  }
}, 60_000);

test('stops when it is told to, with what is under way at its end, and goes on when it is begun again', async () => {
  const service = makeMemoryService();
  const stopping = new AbortController();
  const onProgress: RunPorts['onProgress'] = ({ registered }) => {
    if (registered > 0) stopping.abort();
  };
  const first = await runOn(service, source(900), { signal: stopping.signal, onProgress });
  expect(first.isComplete).toBe(false);
  expect(first.registered).toBeLessThan(633);
  expect(service.members()).toHaveLength(first.registered);
  expect(await runOn(service, source(900))).toMatchObject({ registered: 633, isComplete: true });
}, 60_000);

test('waits while an outbox is long', async () => {
  const service = makeMemoryService();
  const lengths = [9_000, 8_000, 100];
  const notes: string[] = [];
  await runOn(service, source(5), {
    outboxLength: async () => lengths.shift() ?? 0,
    onProgress: (_, __, note) => void notes.push(note),
  });
  expect(notes.filter((note) => note.includes('9000') || note.includes('8000'))).toHaveLength(2);
});

test('asks again for what could not be decided, and gives up when nothing is for long', async () => {
  const service = makeMemoryService();
  const steps = makeSteps();
  const end = steps.fail(/^journal-b/, 'before');
  const { importer } = service.process(steps);
  let asked = 0;
  const patient = await runOn(service, source(2), {
    importer: (entries) => {
      if (++asked === 3) end();
      return importer(entries);
    },
  });
  expect(patient).toMatchObject({ registered: 2 });
  expect(asked).toBe(3);
  steps.fail(/^registrations/, 'before');
  await expect(runOn(service, source(5), { importer })).rejects.toThrow(RunStopped);
});
