import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Figures } from '../../scripts/load/figures.ts';
import { runScript } from './copy.ts';
import { everywhere, runningCopy } from './running.ts';

const copy = runningCopy();
const { frontDoor, A, B } = everywhere(copy);

test('a small load finds not one stale or wrong answer', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'membership-load-'));
  const json = join(directory, 'figures.json');
  try {
    const { exitCode, output } = await runScript('scripts/load/cli.ts', [
      ...['--url', frontDoor, '--centre', A, '--centre', B, '--key', copy.status.callers.orders.key],
      ...[
        '--members',
        '300',
        '--seconds',
        '8',
        '--rate',
        '100',
        '--read-share',
        '0.85',
        '--write-zipf',
        '0.99',
      ],
      ...['--json', json],
    ]);
    expect(exitCode, output).toBe(0);
    const figures = JSON.parse(readFileSync(json, 'utf8')) as Figures;
    expect(figures.wrong, output).toBe(0);
    expect(figures.judged).toBeGreaterThan(1_000);
    for (const kind of [
      'register',
      'update',
      'bind',
      'unbind',
      'cancel',
      'get',
      'lookup',
      'read elsewhere',
    ]) {
      expect(figures.kinds[kind]?.answered, `${kind}\n${output}`).toBeGreaterThan(0);
    }
    for (const kind of ['get', 'lookup']) expect(figures.kinds[kind]?.freshness.fresh).toBeGreaterThan(0);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
