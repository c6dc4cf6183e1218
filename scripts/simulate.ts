/**
 * `npm run simulate -- ...`: the shipped core on simulated engines, from seeds.
 *
 *   --seconds 60 [--from N]            seed after seed, until one fails or the time is up
 *   --seed N [--steps N] [--without a,b] [--lines N]   one run again; with its story when it fails
 *   --planted [NAME] [--seconds 60]    plants bugs in copies of the code, and sees each found
 *   --json                             what a hunt came to, for programs
 *
 * A run has as many operations as its seed's plan says, or `--steps`, and repeats exactly.
 */
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { hunt, shrink } from '../test/simulation/hunt.ts';
import { nuisances } from '../test/simulation/plan.ts';
import { plants } from '../test/simulation/planted/plants.ts';
import { huntPlanted } from '../test/simulation/planting.ts';
import { type RunOptions, simulate } from '../test/simulation/simulate.ts';
import { storyOf } from '../test/simulation/trace.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '60' },
    from: { type: 'string' },
    seed: { type: 'string' },
    steps: { type: 'string' },
    without: { type: 'string' },
    lines: { type: 'string', default: '80' },
    planted: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const seconds = Number(values.seconds);
const operationsMax = values.steps === undefined ? undefined : Number(values.steps);
const without = nuisances.filter((nuisance) => values.without?.split(',').includes(nuisance));
// Another seed each time, unless one is given: it is printed with everything that fails.
const fromSeed = values.from === undefined ? Math.floor(Date.now() / 1000) * 1000 : Number(values.from);

if (values.planted) await huntAllPlanted();
else if (values.seed !== undefined) await again({ seed: Number(values.seed), operationsMax, without });
else await huntHere();

async function huntHere(): Promise<void> {
  const {
    failed,
    runs,
    operations,
    commits,
    virtualMs,
    seconds: took,
  } = await hunt({ fromSeed, seconds, operationsMax });
  if (values.json) {
    say(
      JSON.stringify({
        seed: failed?.seed ?? null,
        violation: failed?.violation ?? null,
        runs,
        operations,
        seconds: took,
      }),
    );
    return;
  }
  say(
    `${runs} runs from seed ${fromSeed}: ${operations} operations (${Math.round(operations / took)} a second), ` +
      `${commits} commits, ${Math.round(virtualMs / 60_000)} virtual minutes in ${Math.round(took)} s`,
  );
  if (!failed) return;
  say(`seed ${failed.seed} fails: ${failed.violation?.message}. Shrinking it ...`);
  await again(await shrink(failed));
}

/** Runs a seed with its story, and tells it when it fails. */
async function again(options: RunOptions): Promise<void> {
  const { violation, lines, operations, commits } = await simulate({ ...options, isTold: true });
  if (!violation)
    return say(`seed ${options.seed}: ${operations} operations, ${commits} commits, nothing violated`);
  process.exitCode = 1;
  for (const line of storyOf(lines, violation.keys, Number(values.lines))) say(line);
  const left = options.without && options.without.length > 0 ? ` --without ${options.without.join(',')}` : '';
  const steps = options.operationsMax === undefined ? '' : ` --steps ${options.operationsMax}`;
  say('');
  say(`${violation.invariant} is violated (${violation.check}): ${violation.message}`);
  say(`commit ${commitHere()}; again: npm run simulate -- --seed ${options.seed}${steps}${left}`);
}

async function huntAllPlanted(): Promise<void> {
  const chosen = plants.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  for (const plant of chosen) {
    const {
      seed,
      violation,
      seconds: took,
      runs,
    } = await huntPlanted(plant, { fromSeed: Number(values.from ?? 1), seconds });
    const isIt = violation !== null && plant.invariants.includes(violation.invariant);
    if (!isIt) process.exitCode = 1;
    const how =
      violation === null
        ? 'NOT FOUND'
        : `${violation.invariant} by ${violation.check}${isIt ? '' : ': ANOTHER INVARIANT'}`;
    say(
      [
        plant.name.padEnd(26),
        `seed ${seed ?? '-'}`.padEnd(12),
        `${runs} runs`.padEnd(10),
        `${took.toFixed(1)} s`.padEnd(8),
        how,
      ].join(' '),
    );
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
