/**
 * `npm test`: every project of `vitest.config.ts`, one after the other, and then one line, `N passed, N failed`.
 *
 * Each project runs in a process of its own, so that a crash of one is seen and costs only its own work. What did not
 * run did not pass: a test that was skipped, a file that could not be loaded, a process that ended badly and a project
 * without tests all count as failed.
 *
 * Options go to vitest; `--project NAME` (repeatable) picks projects.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Counts, countsOf } from './test-counts.ts';

const allProjects = ['unit', 'infra', 'engines', 'end-to-end', 'deployment', 'simulation'];
const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
const tether = new URL('./test-tether.ts', import.meta.url).href;
const root = fileURLToPath(new URL('..', import.meta.url));

const { values } = parseArgs({ options: { project: { type: 'string', multiple: true } } });
const projects = values.project ?? allProjects;
const directory = mkdtempSync(join(tmpdir(), 'membership-results-'));

/** Set by the first signal: vitest ends its engines and itself, and nothing more is begun. */
let interrupted: NodeJS.Signals | undefined;

/** Ends with the exit code of vitest. */
function run(project: string, report: string): Promise<number> {
  const args = ['run', '--project', project, '--reporter=default', '--reporter=json'];
  const child = spawn(
    process.execPath,
    ['--import', tether, vitest, ...args, `--outputFile.json=${report}`],
    { cwd: root, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] },
  );
  const pass = (signal: NodeJS.Signals) => {
    interrupted = signal;
    child.kill(signal);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, pass);
  return new Promise((resolve) => {
    child.on('error', () => resolve(1));
    child.on('close', (code) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, pass);
      resolve(code ?? 1);
    });
  });
}

function readReport(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

const total: Counts = { passed: 0, failed: 0 };
for (const project of projects) {
  if (interrupted) break;
  process.stdout.write(`\n== ${project}\n`);
  const since = performance.now();
  const report = join(directory, `${project}.json`);
  const exitCode = await run(project, report);
  const { passed, failed } = countsOf(readReport(report), exitCode);
  total.passed += passed;
  total.failed += failed;
  const seconds = ((performance.now() - since) / 1000).toFixed(0);
  process.stdout.write(`== ${project}: ${passed} passed, ${failed} failed in ${seconds} s\n`);
}
rmSync(directory, { recursive: true, force: true });
if (interrupted) total.failed = Math.max(1, total.failed);
process.stdout.write(`\n${total.passed} passed, ${total.failed} failed\n`);
process.exitCode = interrupted ? 128 + constants.signals[interrupted] : total.failed > 0 ? 1 : 0;
