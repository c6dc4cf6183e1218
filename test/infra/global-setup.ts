/**
 * Synthesises every stage, once for all tests of the infrastructure, which read what came out (`synthesis.ts`). What the
 * checks find does not end it: a test tells of it.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeApp } from '../../infra/app.ts';
import { stages } from '../../infra/centre.ts';

export function setup(): () => void {
  const directory = mkdtempSync(join(tmpdir(), 'membership-infra-'));
  // The library's own rules about templates are cfn-lint's, in another form: a test runs those.
  process.env.CDK_VALIDATION = 'false';
  const context = { '@aws-cdk/core:failSynthOnValidationErrors': false };
  for (const settings of Object.values(stages)) {
    makeApp(settings, { outdir: join(directory, settings.stage), context }).synth();
  }
  // What the checks found would otherwise be the exit code of the tests.
  process.exitCode = 0;
  process.env.MEMBERSHIP_TEST_SYNTHESIS = directory;
  return () => rmSync(directory, { recursive: true, force: true });
}
