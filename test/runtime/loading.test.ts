import { readdirSync } from 'node:fs';
import { build, type Metafile } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';

const functionFiles = readdirSync('functions').filter((name) => name.endsWith('.ts'));
const heavy = ['mysql2', '@opensearch-project/opensearch', '@aws-sdk/'];

let metafile: Metafile;
beforeAll(async () => {
  const built = await build({
    entryPoints: functionFiles.map((name) => `functions/${name}`),
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    mainFields: ['module', 'main'],
    outdir: 'nowhere',
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  metafile = built.metafile;
}, 60_000);

/** Everything in the files that are loaded with `output`, before anything is imported when it is needed. */
function loadedWith(output: string, seen = new Set<string>()): Set<string> {
  if (seen.has(output)) return seen;
  seen.add(output);
  const { inputs = {}, imports = [] } = metafile.outputs[output] ?? {};
  for (const input of Object.keys(inputs)) seen.add(input);
  for (const { path, kind } of imports) if (kind === 'import-statement') loadedWith(path, seen);
  return seen;
}

describe.each(functionFiles)('%s', (name) => {
  it('loads no driver before it is needed, but the cache’s', () => {
    const [output = ''] =
      Object.entries(metafile.outputs).find(([, { entryPoint }]) => entryPoint === `functions/${name}`) ?? [];
    const loaded = [...loadedWith(output)];
    expect(loaded.some((file) => file.includes('node_modules/ioredis/'))).toBe(true);
    expect(loaded.filter((file) => heavy.some((each) => file.includes(`node_modules/${each}`)))).toEqual([]);
  });
});
