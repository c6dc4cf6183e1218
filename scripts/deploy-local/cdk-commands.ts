/** What is asked of the CDK's command: the same as in AWS, from the same app. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CdkRequest, runCdk } from './cdk.ts';

interface Request {
  readonly directory: string;
  readonly endpoint: string;
  readonly say: (line: string) => void;
}

const stage = ['-c', 'stage=local'];
/** Stacks of one level go at once: the stand-in waits for functions more than it works. */
const concurrency = ['--concurrency', '6'];

/** @returns where the templates are */
export async function deployAll({
  regions,
  say,
  ...at
}: Request & { readonly regions: readonly string[] }): Promise<{ readonly assembly: string }> {
  const assembly = join(at.directory, 'cdk.out');
  await bootstrap({ ...at, regions, say });
  await cdk({ ...at, args: ['synth', '--quiet', ...stage, '--output', assembly], onLine: () => {} });
  say('Deploying:');
  await cdk({
    ...at,
    args: ['deploy', '--all', '--app', assembly, '--require-approval', 'never', ...concurrency],
    onLine: sayEnded(say),
  });
  return { assembly };
}

export async function destroyAll({ say, ...at }: Request): Promise<void> {
  const assembly = join(at.directory, 'cdk.out');
  say('Destroying:');
  await cdk({
    ...at,
    args: ['destroy', '--all', '--app', assembly, '--force', ...concurrency],
    onLine: sayEnded(say),
  });
}

/** Once for each stand-in: it forgets that with everything else. */
async function bootstrap({
  regions,
  say,
  ...at
}: Request & { readonly regions: readonly string[] }): Promise<void> {
  const done = join(at.directory, 'bootstrapped');
  if (existsSync(done)) return;
  say('Bootstrapping its regions.');
  const environments = regions.map((region) => `aws://000000000000/${region}`);
  await cdk({ ...at, args: ['bootstrap', ...environments, '--app', ''], onLine: () => {} });
  writeFileSync(done, '');
}

const cdk = (request: CdkRequest): Promise<void> => runCdk(request);

/** One line a stack. */
const sayEnded = (say: (line: string) => void) => (line: string) => {
  const [, name, rest = ''] = /[✅❌] +(\S+?):?( .*)?$/u.exec(line) ?? [];
  if (name) say(`  ${name}${rest}`);
};
