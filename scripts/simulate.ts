/**
 * `npm run simulate -- ...`: the shipped core on simulated engines, from seeds. See `docs/simulation.md`.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { hunt } from '../test/simulation/hunt.ts';
import { nuisances, themes } from '../test/simulation/plan.ts';
import { plants } from '../test/simulation/planted/plants.ts';
import { huntPlanted } from '../test/simulation/planting.ts';
import { shrink } from '../test/simulation/shrink.ts';
import { type RunOptions, simulate } from '../test/simulation/simulate.ts';
import { storyOf } from '../test/simulation/trace.ts';
import { atOnce } from './at-once.ts';
import { HistoryUnreadable, lineOf, readHistory } from './judge/history.ts';
import { judge } from './judge/judge.ts';
import { writePlantedTable } from './simulate/planted-table.ts';

const help = `npm run simulate -- [one of]
  --seconds 60 [--from N]      seed after seed, until one fails or so many seconds of a core are used up;
                               --theme T: of those that are about ${themes.join(', ')}
  --seed N                     one run again, as it was; with its story when it fails, event by event with --lines 0
  --planted [NAME ...]         plants bugs in copies of the code and sees each found within --seconds 60;
                               all of them: writes the table in docs/simulation.md (--no-table: does not)
  --judge FILE [--from-empty]  judges a history that anything has written; --from-empty: the service was empty before

With --seed:
  --history FILE               writes what the callers saw, one JSON object a line
  --steps N --clients N        fewer operations, fewer callers
  --without a,b                without some kinds of faults: ${nuisances.join(', ')}
  --only 3,17 | none           with no other forced choices than these
  --lines N                    how many lines of the story (80; 0: all that happened)
  --json                       what a hunt came to, for programs
`;

const options = {
  seconds: { type: 'string', default: '60' },
  from: { type: 'string' },
  theme: { type: 'string' },
  seed: { type: 'string' },
  steps: { type: 'string' },
  clients: { type: 'string' },
  without: { type: 'string', default: '' },
  only: { type: 'string' },
  lines: { type: 'string', default: '80' },
  history: { type: 'string' },
  judge: { type: 'string' },
  'from-empty': { type: 'boolean', default: false },
  planted: { type: 'boolean', default: false },
  'no-table': { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function misuse(message: string): never {
  process.stderr.write(`${message}\n\n${help}`);
  process.exit(2);
}

function readArguments() {
  try {
    return parseArgs({ allowPositionals: true, options });
  } catch (error) {
    return misuse((error as Error).message);
  }
}

const { values, positionals } = readArguments();

function numberOf(name: 'seconds' | 'from' | 'seed' | 'steps' | 'clients' | 'lines'): number | undefined {
  const text = values[name];
  if (text === undefined) return undefined;
  const number = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(number) || number < 0)
    misuse(`--${name} is a whole number, not "${text}"`);
  return number;
}

const seconds = numberOf('seconds') ?? 60;
const operationsMax = numberOf('steps');
const kinds = values.without.split(',').filter((kind) => kind !== '');
const unknown = kinds.find((kind) => !nuisances.some((nuisance) => nuisance === kind));
if (unknown !== undefined) misuse(`There is no kind of fault "${unknown}".`);
const without = nuisances.filter((nuisance) => kinds.includes(nuisance));
const only = values.only === 'none' ? [] : values.only?.split(',').map(Number);
if (only?.some((number) => !Number.isSafeInteger(number))) misuse('--only is a list of numbers, or "none"');
// Another seed each time, unless one is given: it is printed with everything that fails.
const fromSeed = numberOf('from') ?? Math.floor(Date.now() / 1000) * 1000;
const seed = numberOf('seed');
const theme = themes.find((name) => name === values.theme);
if (values.theme !== undefined && theme === undefined) misuse(`No run is about "${values.theme}".`);

if (values.help) process.stdout.write(help);
else if (values.judge !== undefined) judgeFile(values.judge);
else if (values.planted) await huntAllPlanted();
else if (seed !== undefined)
  await again({ seed, operationsMax, clients: numberOf('clients'), without, only });
else await huntHere();

async function huntHere(): Promise<void> {
  const hunted = await hunt({ fromSeed, seconds, operationsMax, theme });
  const { failed, runs, operations, commits, virtualMs, seconds: took } = hunted;
  if (values.json) {
    const { seed: failing = null, violation = null } = failed ?? {};
    say(JSON.stringify({ seed: failing, violation, runs, operations, seconds: took }));
    return;
  }
  say(
    `${runs} runs from seed ${fromSeed}: ${operations} operations (${Math.round(operations / took)} a second), ` +
      `${commits} commits, ${Math.round(virtualMs / 60_000)} virtual minutes in ${Math.round(took)} s of a core`,
  );
  if (!failed) return;
  say(
    `seed ${failed.seed} fails: ${failed.violation?.message}. Looking for the shortest schedule that does ...`,
  );
  const { isExhausted, ...shrunk } = await shrink(failed);
  if (!isExhausted) say('There may be shorter ones: it was given up after so many steps.');
  await again(shrunk);
}

/** Runs a seed, and tells its story when it fails, or when all of it is wanted. */
async function again(run: RunOptions): Promise<void> {
  const linesMax = numberOf('lines') ?? 80;
  const { violation, lines, operations, commits, history } = await simulate({ ...run, isTold: true });
  if (values.history !== undefined) writeFileSync(values.history, history.map(lineOf).join(''));
  if (linesMax === 0) for (const line of lines) say(line);
  if (!violation)
    return say(`seed ${run.seed}: ${operations} operations, ${commits} commits, nothing violated`);
  process.exitCode = 1;
  if (linesMax > 0) for (const line of storyOf(lines, violation.keys, linesMax)) say(line);
  say('');
  say(`${violation.invariant} is violated (${violation.check}): ${violation.message}`);
  if (run.only) say(`The schedule: ${operations} operations, ${run.only.length} forced choices.`);
  say(`seed ${run.seed}, commit ${commitHere()}; again: npm run simulate -- ${argumentsOf(run)}`);
}

function argumentsOf(run: RunOptions): string {
  const parts = [`--seed ${run.seed}`];
  if (run.operationsMax !== undefined) parts.push(`--steps ${run.operationsMax}`);
  if (run.clients !== undefined) parts.push(`--clients ${run.clients}`);
  if (run.without?.length) parts.push(`--without ${run.without.join(',')}`);
  if (run.only) parts.push(`--only ${run.only.join(',') || 'none'}`);
  return parts.join(' ');
}

async function huntAllPlanted(): Promise<void> {
  const stranger = positionals.find((name) => !plants.some((plant) => plant.name === name));
  if (stranger !== undefined)
    misuse(
      `There is no planted bug "${stranger}". There are:\n  ${plants.map(({ name }) => name).join('\n  ')}`,
    );
  const chosen = plants.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  // Each is given seconds of a core: so many may hunt at once.
  const rows = await atOnce(availableParallelism(), chosen, async (plant) => {
    const found = await huntPlanted(plant, { fromSeed: numberOf('from') ?? 1, seconds });
    const { violation, runs, seconds: took } = found;
    const isIt = violation !== null && plant.invariants.includes(violation.invariant);
    if (!isIt) process.exitCode = 1;
    const how = violation === null ? 'NOT FOUND' : `${violation.invariant} by ${violation.check}`;
    say(
      [
        plant.name.padEnd(26),
        `seed ${found.seed ?? '-'}`.padEnd(12),
        `${runs} runs`.padEnd(10),
        `${took.toFixed(1)} s`.padEnd(8),
        `${how}${violation === null || isIt ? '' : ': ANOTHER INVARIANT'}`,
      ].join(' '),
    );
    return { plant, ...found };
  });
  if (chosen.length === plants.length && !values['no-table']) writePlantedTable(rows, commitHere());
}

function judgeFile(path: string): void {
  try {
    const verdict = judge(readHistory(path), { isFromEmpty: values['from-empty'] });
    const { faults, writes, reads, linearized, undecided } = verdict;
    for (const { invariant, check, message, entries } of faults) {
      say(`${invariant} is violated (${check}): ${message}`);
      for (const entry of entries) say(`  ${JSON.stringify(entry)}`);
    }
    for (const name of undecided) say(`undecided: too many orders of the writes of ${name}`);
    say(
      `${writes} writes, ${reads} reads: ${linearized} members and identifiers linearizable, ` +
        `${undecided.length} undecided, ${faults.length} faults`,
    );
    if (faults.length > 0) process.exitCode = 1;
  } catch (error) {
    if (!(error instanceof HistoryUnreadable)) throw error;
    misuse(error.message);
  }
}

function commitHere(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return 'unknown';
  }
}
