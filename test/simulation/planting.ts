/** Plants bugs: copies what the simulation is made of, with one bug in it, and lets it hunt there. */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Violation } from './checks.ts';
import type { Plant } from './planted/plant.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What a hunt in a copy came to, as `scripts/simulate.ts --json` prints it. */
export interface Found {
  readonly seed: number | null;
  readonly violation: Violation | null;
  readonly runs: number;
  readonly operations: number;
  readonly seconds: number;
}

/** `text` with the patch applied. @throws Error unless what it replaces stands there exactly once */
export function patched(text: string, { file, find, replace }: Plant['patches'][number]): string {
  const parts = text.split(find);
  if (parts.length !== 2) throw new Error(`${file} has this ${parts.length - 1} times, not once: ${find}`);
  return parts.join(replace);
}

/** @throws Error when a patch does not fit, or the planted code cannot run */
export async function huntPlanted(
  plant: Plant,
  options: { readonly fromSeed: number; readonly seconds: number },
): Promise<Found> {
  const copy = await mkdtemp(join(tmpdir(), 'membership-planted-'));
  try {
    for (const part of [
      'functions/core',
      'functions/adapters/memory',
      'test/simulation',
      'scripts/simulate.ts',
      'scripts/at-once.ts',
      'scripts/judge',
      'scripts/simulate',
      'package.json',
    ]) {
      await cp(join(root, part), join(copy, part), { recursive: true });
    }
    await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
    for (const patch of plant.patches) {
      const file = join(copy, patch.file);
      await writeFile(file, patched(await readFile(file, 'utf8'), patch));
    }
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [
        'scripts/simulate.ts',
        '--json',
        ...(plant.theme ? ['--theme', plant.theme] : []),
        '--seconds',
        String(options.seconds),
        '--from',
        String(options.fromSeed),
      ],
      { cwd: copy, maxBuffer: 16 * 1024 * 1024 },
    );
    return JSON.parse(stdout) as Found;
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}
