import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Scenario, Stage } from '../scenario.ts';
import { partsIn } from './network.ts';

const promoteScript = fileURLToPath(new URL('../../promote.ts', import.meta.url));
const promoteWithinMs = 180_000;
const attemptsMax = 3;

/** As an operator does it: the command, on this copy, again when it says so. Answers how long it took, in seconds. */
async function promote(stage: Stage, ...args: readonly string[]): Promise<number> {
  const beganMs = performance.now();
  for (let attempt = 1; !(await tryToPromote(stage, args)); attempt++)
    if (attempt === attemptsMax) throw new Error(`"promote ${args.join(' ')}" failed ${attempt} times`);
  return (performance.now() - beganMs) / 1000;
}

function tryToPromote({ home, basePort, say }: Stage, args: readonly string[]): Promise<boolean> {
  const env = { ...process.env, MEMBERSHIP_HOME: home, MEMBERSHIP_BASE_PORT: String(basePort) };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [promoteScript, ...args],
      { env, timeout: promoteWithinMs },
      (error, output, faults) => {
        for (const line of `${output}${faults}`.trim().split('\n')) say(`    ${line}`);
        resolve(error === null);
      },
    );
  });
}

const lost = partsIn('A');

export const centreScenarios: readonly Scenario[] = [
  {
    name: 'lose-centre-a',
    fault:
      'kill -9 of everything in A: engines, queues, parameters, functions, gateways; promotion of B; A comes back; promotion back',
    promises:
      'B reads by itself at once, writes as soon as it is promoted, and has every write that was acknowledged',
    of: 'centre',
    stopsWrites: true,
    seconds: 20,
    async begin({ engines, centres }) {
      await Promise.all([centres.A.kill(), ...lost.map((part) => engines.engine(part).kill())]);
    },
    during: async (stage) => ({ promotionSeconds: await promote(stage, '--to', 'B') }),
    async end({ engines, centres }) {
      await Promise.all(lost.map((part) => engines.engine(part).start()));
      await centres.A.restart();
    },
    after: async (stage) => ({ promotionBackSeconds: await promote(stage, '--back') }),
  },
];
