/** Every template, judged by cfn-lint: what CloudFormation would refuse only when it is deployed. */
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { stageNames, stages } from '../../infra/centre.ts';
import { cacheDirectory } from '../../scripts/local/locations.ts';
import { findPrerequisites } from '../../scripts/local/prerequisites.ts';
import { ensurePythonTools } from '../../scripts/local/python-tools.ts';
import { runCommand } from '../../scripts/local/run-command.ts';
import { stacksOf } from './synthesis.ts';

const requirements = fileURLToPath(new URL('./cfn-lint-requirements.txt', import.meta.url));

/** Warnings that are no faults here. */
const accepted = [
  // Zones by their names: they are a setting of the stage.
  'W3010',
  // The library reads a network with its id, which a stack that only puts functions there does not use.
  'W2001',
  // The library waits for a role's policy too, where a reference waits for the role alone.
  'W3005',
];

// Its own command names the directory that it was made in, which was moved since.
const program = 'import sys; from cfnlint.runner.cli import main; sys.exit(main())';

async function lint(files: readonly string[], region: string) {
  const { python } = await findPrerequisites(new Set(['ministack']), process.env);
  const tools = await ensurePythonTools({
    name: 'cfn-lint',
    requirements,
    python,
    cacheDirectory: cacheDirectory(process.env),
    onProgress: () => {},
  });
  const args = ['-c', program, '--format', 'parseable', '--regions', region, '--ignore-checks', ...accepted];
  return await runCommand(tools, [...args, '--', ...files], { withinMs: 250_000 });
}

/** Those of all stages at once: to begin costs it most. */
const regions = [...new Set(Object.values(stages).flatMap(({ places }) => Object.values(places)))]
  .map(({ region }) => region)
  .filter((region, index, all) => all.indexOf(region) === index);

test.each(regions)(
  'no template for %s has a fault',
  async (region) => {
    const stacks = stageNames.flatMap(stacksOf).filter((stack) => stack.region === region);
    expect(stacks.length).toBeGreaterThan(stageNames.length);
    expect(
      await lint(
        stacks.map(({ file }) => file),
        region,
      ),
    ).toEqual({ code: 0, output: '' });
  },
  280_000,
);
