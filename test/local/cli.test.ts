import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CommandResult, runCommand } from '../../scripts/local/run-command.ts';

const CLI = fileURLToPath(new URL('../../scripts/local/cli.ts', import.meta.url));

let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'membership-cli-'));
});

afterEach(() => rmSync(home, { recursive: true }));

function cli(...args: string[]): Promise<CommandResult> {
  const env = { PATH: process.env.PATH, MEMBERSHIP_HOME: home };
  return runCommand(process.execPath, [CLI, ...args], { withinMs: 20_000, env });
}

describe('the command line', () => {
  it.each([
    [['frob'], 'There is no "frob".'],
    [[], 'Which command?'],
    [['stop', '--detach'], '"stop" takes no --detach.'],
    [['start', '--fast'], "Unknown option '--fast'"],
    [['start', 'now'], 'There is no "start now".'],
  ])('refuses %j with the usage', async (args, reason) => {
    const { code, output } = await cli(...args);
    expect(code).toBe(2);
    expect(output).toContain(reason);
    expect(output).toContain('Usage:');
  });

  it('says when nothing runs, also in JSON', async () => {
    expect(await cli('status')).toMatchObject({ code: 1, output: expect.stringContaining('does not run') });
    const { code, output } = await cli('status', '--json');
    expect(code).toBe(1);
    expect(JSON.parse(output)).toEqual({ frontDoor: null, centres: {}, callers: {}, parts: [] });
    expect(await cli('stop')).toMatchObject({ code: 0, output: 'It does not run.\n' });
  });
});
