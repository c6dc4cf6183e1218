/** The functions as they are deployed: one bundle each with what they share in chunks, drivers loaded when used. */
import { readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, buildSync, type Metafile } from 'esbuild';

const functionsDirectory = fileURLToPath(new URL('../../functions/', import.meta.url));

/** What deploys and rotates: bundled apart, so that what serves does not load what only they need of a shared file. */
const behindTheScenes = /^(prepare-|replicate-|rotate-)/;

const entryPoints = readdirSync(functionsDirectory)
  .filter((name) => name.endsWith('.ts') && !behindTheScenes.test(name))
  .map((name) => join(functionsDirectory, name));

const deployingEntryPoints = readdirSync(functionsDirectory)
  .filter((name) => behindTheScenes.test(name))
  .map((name) => join(functionsDirectory, name));

/** CommonJS packages within a module ask for a `require` that modules do not have. */
const requireBanner =
  "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);";

/** How everything is bundled that is deployed. */
export const bundleOptions = {
  bundle: true,
  splitting: true,
  minify: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  // The SDK's CommonJS form hides its names from a dynamic import.
  mainFields: ['module', 'main'],
  outExtension: { '.js': '.mjs' },
  banner: { js: requireBanner },
  // What the Redis client would print for its own developers is a tenth of what a hit loads.
  alias: { debug: fileURLToPath(new URL('no-debug.cjs', import.meta.url)) },
  logLevel: 'silent',
} satisfies BuildOptions;

/** Bundles every function that serves into `directory`, each as `NAME.mjs`. */
export async function bundleFunctions(directory: string): Promise<Bundles> {
  rmSync(directory, { recursive: true, force: true });
  const { metafile } = await build({ ...bundleOptions, entryPoints, outdir: directory, metafile: true });
  return bundlesOf(metafile);
}

/** These and what deploys and rotates, for who cannot wait: the infrastructure's code is made of constructors. */
export function bundleFunctionsNow(directory: string): void {
  for (const points of [entryPoints, deployingEntryPoints])
    buildSync({ ...bundleOptions, entryPoints: points, outdir: directory });
}

/** The same, in nobody's directory: what would be there. */
export async function describeFunctions(): Promise<Bundles> {
  const { metafile } = await build({
    ...bundleOptions,
    entryPoints,
    outdir: 'nowhere',
    write: false,
    metafile: true,
  });
  return bundlesOf(metafile);
}

/** By function. */
export type Bundles = ReadonlyMap<string, Bundle>;

/** What is loaded with a function's module, before anything is imported when it is needed. */
export interface Bundle {
  readonly bytes: number;
  /** Every source file in it. */
  readonly inputs: readonly string[];
}

function bundlesOf({ outputs }: Metafile): Bundles {
  const gather = (output: string, seen: Set<string>): Set<string> => {
    if (seen.has(output)) return seen;
    seen.add(output);
    for (const { path, kind } of outputs[output]?.imports ?? []) {
      if (kind === 'import-statement') gather(path, seen);
    }
    return seen;
  };
  return new Map(
    Object.entries(outputs)
      .filter(
        ([, { entryPoint }]) => entryPoint !== undefined && entryPoints.some((at) => at.endsWith(entryPoint)),
      )
      .map(([output]) => {
        const loaded = [...gather(output, new Set())].flatMap((name) => outputs[name] ?? []);
        const bytes = loaded.reduce((sum, each) => sum + each.bytes, 0);
        return [
          basename(output, '.mjs'),
          { bytes, inputs: loaded.flatMap(({ inputs }) => Object.keys(inputs)) },
        ];
      }),
  );
}
