import { access } from 'node:fs/promises';
import { deadlineAfter } from '../../functions/core/kernel/clock.ts';
import { makeMemberImporter } from '../../functions/core/member/importer.ts';
import { makeBodies } from '../../functions/runtime/api/schemas.ts';
import { SettingsInvalid } from '../../functions/runtime/env.ts';
import { NoService, operatorParts } from '../operator.ts';
import { FileFault } from './bodies.ts';
import { checkName, fromFile, runOf } from './from-file.ts';
import { generated } from './generated.ts';
import { readOptions, type SeedOptions, UsageFault, usage } from './options.ts';
import { durationOf, makeProgress } from './progress.ts';
import { makeRejectedReport } from './report.ts';
import { makeRequestOf } from './request.ts';
import { type Item, type RunOutcome, RunStopped, run } from './run.ts';

const exitCodes = { ok: 0, failed: 1, misuse: 2, interrupted: 130 } as const;
const lengthWithinMs = 5_000;

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const complain = (line: string): void => void process.stderr.write(`${line}\n`);

/** @returns the exit code */
export async function seed(args: readonly string[]): Promise<number> {
  try {
    const options = readOptions(args);
    if (options === 'help') {
      say(usage);
      return exitCodes.ok;
    }
    if (options.kind === 'file') await checkFile(options.path);
    return await seedWith(options);
  } catch (error) {
    complain(`seed: ${(error as Error).message}`);
    if (error instanceof UsageFault) complain(`\n${usage}`);
    const isMisuse = [UsageFault, FileFault, NoService, SettingsInvalid].some(
      (kind) => error instanceof kind,
    );
    return isMisuse ? exitCodes.misuse : exitCodes.failed;
  }
}

async function seedWith(options: SeedOptions): Promise<number> {
  const parts = operatorParts();
  const { stores, clock, settings, sharding } = parts;
  const platforms = settings.PLATFORMS;
  const requestOf = makeRequestOf(parts.requestHasher);
  const startedMs = clock.monotonicMs();
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);

  const progress = makeProgress(process.stderr, () => clock.monotonicMs());
  const report = options.kind === 'file' ? await makeRejectedReport(options.rejectedPath) : null;
  const lines = async (): Promise<AsyncIterable<Item> | Iterable<Item>> => {
    if (options.kind === 'generated') return generated(options, platforms, requestOf);
    const bodies = makeBodies(platforms);
    return fromFile(options.path, await runOf(options.path), { bodies, platforms, requestOf });
  };
  try {
    const outcome = await run({
      source: await lines(),
      importer: makeMemberImporter({ ...parts, ...stores }),
      clock,
      async outboxLength() {
        const deadline = deadlineAfter(clock, lengthWithinMs);
        return Math.max(
          ...(await Promise.all(sharding.clusters.map((cluster) => stores.outbox.length(cluster, deadline)))),
        );
      },
      reject: async (line, rejection) => report?.add(line, rejection),
      onProgress: progress.show,
      signal: stopping.signal,
    });
    progress.end();
    say(summaryOf(outcome, (clock.monotonicMs() - startedMs) / 1000, options));
    if (!outcome.isComplete) return exitCodes.interrupted;
    return outcome.rejected > 0 ? exitCodes.failed : exitCodes.ok;
  } catch (error) {
    progress.end();
    if (error instanceof RunStopped) {
      throw new RunStopped(`${error.message} The same command begins the run again and finishes the rest.`);
    }
    throw error;
  } finally {
    await report?.end();
  }
}

function summaryOf(
  { registered, rejected, isComplete }: RunOutcome,
  seconds: number,
  options: SeedOptions,
): string {
  const count = (value: number): string => value.toLocaleString('en');
  const rate = Math.round(registered / Math.max(seconds, 0.001));
  const text = [
    `${count(registered)} members are registered, acknowledged in both centres (${durationOf(seconds)}, ${count(rate)}/s).`,
  ];
  if (rejected > 0) {
    const where = options.kind === 'file' ? `: see ${options.rejectedPath}` : '';
    text.push(`${count(rejected)} ${options.kind === 'file' ? 'lines' : 'people'} are rejected${where}.`);
  }
  if (!isComplete) text.push('Stopped. The same command begins the run again and finishes the rest.');
  return text.join('\n');
}

async function checkFile(path: string): Promise<void> {
  checkName(path);
  await access(path).catch(() => {
    throw new FileFault(`${path} cannot be read.`);
  });
}
