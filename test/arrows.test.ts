import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const repository = dirname(dirname(fileURLToPath(import.meta.url)));
const files: Readonly<Record<string, string>> = {
  'functions/core/kernel/clock.ts': 'export const clock = 1;',
  'functions/core/member/member.ts': 'export const member = 1;',
  'functions/adapters/redis/cache.ts': 'export const cache = 1;',
  'functions/runtime/env.ts': 'export const env = 1;',
  'functions/get-member.ts': 'export const handler = 1;',
  'infra/app.ts': 'export const app = 1;',
  'scripts/tool.ts': 'export const tool = 1;',
};
const planted: readonly (readonly [file: string, imports: string, rule: string])[] = [
  ['functions/core/kernel/ids.ts', '../member/member.ts', 'kernel-imports-nothing'],
  ['functions/core/member/bad.ts', '../../adapters/redis/cache.ts', 'core-imports-only-core'],
  ['functions/core/member/io.ts', 'node:fs', 'core-imports-only-core'],
  ['functions/core/member/driver.ts', 'ioredis', 'core-imports-only-core'],
  ['functions/adapters/mysql/bad.ts', '../redis/cache.ts', 'adapter-mysql-stands-alone'],
  ['functions/adapters/mysql/up.ts', '../../runtime/env.ts', 'adapters-know-core-only'],
  ['functions/runtime/bad.ts', '../get-member.ts', 'runtime-does-not-know-handlers'],
  ['functions/look-up-member.ts', './adapters/redis/cache.ts', 'only-composition-wires-adapters'],
  ['functions/health.ts', '../scripts/tool.ts', 'functions-do-not-know-scripts-or-tests'],
  ['functions/no-route.ts', '../infra/app.ts', 'functions-do-not-know-scripts-or-tests'],
  ['infra/bad.ts', '../functions/adapters/redis/cache.ts', 'infra-knows-no-driver'],
  ['infra/tool.ts', '../scripts/tool.ts', 'infra-does-not-know-scripts-or-tests'],
  ['functions/core/member/lost.ts', './nowhere.ts', 'nothing-unresolved'],
];

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'membership-arrows-'));
  const imports = planted.map(
    ([file, from]) => [file, `import * as it from '${from}';\nexport const bad = it;`] as const,
  );
  for (const [file, text] of [...Object.entries(files), ...imports]) {
    await mkdir(dirname(join(directory, file)), { recursive: true });
    await writeFile(join(directory, file), text);
  }
  await symlink(join(repository, 'node_modules'), join(directory, 'node_modules'));
  for (const file of ['tsconfig.json', 'package.json'])
    await symlink(join(repository, file), join(directory, file));
});

afterAll(() => rm(directory, { recursive: true, force: true }));

test('every arrow that may not be is found, by the rule that forbids it', async () => {
  const found = await violationsIn(directory);
  for (const [file, , rule] of planted) expect(found).toContainEqual({ from: file, rule });
  // And nothing else: what may be is not complained of.
  expect(new Set(found.map(({ from }) => from))).toEqual(new Set(planted.map(([file]) => file)));
});

async function violationsIn(cwd: string): Promise<readonly { from: string; rule: string }[]> {
  const tool = join(repository, 'node_modules/.bin/depcruise');
  const config = join(repository, '.dependency-cruiser.cjs');
  // It exits with the number of violations.
  const { stdout } = await promisify(execFile)(
    tool,
    ['--config', config, '--output-type', 'json', 'functions', 'infra', 'scripts'],
    {
      cwd,
      maxBuffer: 64 * 1024 * 1024,
    },
  ).catch((error: { stdout: string }) => error);
  const { summary } = JSON.parse(stdout) as {
    summary: { violations: { from: string; rule: { name: string } }[] };
  };
  return summary.violations.map(({ from, rule }) => ({ from, rule: rule.name }));
}
