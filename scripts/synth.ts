/**
 * Writes the CloudFormation templates of a stage, checked, without an account or credentials:
 *
 *   npm run synth -- --stage production
 *
 * `npx cdk` does the same before it deploys; this is for looking at them, and for pipelines that deploy what was reviewed
 * (`npx cdk deploy --all --app cdk.out/production`).
 */
import { parseArgs } from 'node:util';
import { makeApp } from '../infra/app.ts';
import { stageNames, stages } from '../infra/centre.ts';

const usage = `Usage: npm run synth -- --stage STAGE [--out DIRECTORY]

  --stage   ${stageNames.join(', ')}
  --out     where the templates go; cdk.out/STAGE when not given`;

class Misused extends Error {}

function options() {
  try {
    const { values } = parseArgs({
      options: { stage: { type: 'string' }, out: { type: 'string' }, help: { type: 'boolean' } },
    });
    return values;
  } catch (error) {
    throw new Misused((error as Error).message);
  }
}

try {
  const { stage: wanted, out, help } = options();
  if (help) {
    console.log(usage);
  } else {
    const stage = stageNames.find((name) => name === wanted);
    if (!stage) throw new Misused(wanted ? `there is no stage ${wanted}` : 'which stage?');
    const { directory, stacks } = makeApp(stages[stage], { outdir: out ?? `cdk.out/${stage}` }).synth();
    for (const { stackName, environment } of stacks) console.log(`${environment.region}  ${stackName}`);
    console.log(`${stacks.length} stacks in ${directory}`);
  }
} catch (error) {
  console.error(
    error instanceof Misused ? `synth: ${error.message}\n\n${usage}` : `synth: ${(error as Error).message}`,
  );
  process.exitCode = error instanceof Misused ? 2 : 1;
}
