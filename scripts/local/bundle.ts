/** The functions as they are deployed: one bundle each with what they share in chunks, drivers loaded when used. */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build } from 'esbuild';

const functionsDirectory = fileURLToPath(new URL('../../functions/', import.meta.url));

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
  logLevel: 'silent',
} satisfies BuildOptions;

/** Bundles every function into `directory`, each as `NAME.mjs`. */
export async function bundleFunctions(directory: string): Promise<void> {
  const entryPoints = readdirSync(functionsDirectory)
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(functionsDirectory, name));
  rmSync(directory, { recursive: true, force: true });
  await build({ ...bundleOptions, entryPoints, outdir: directory });
}
