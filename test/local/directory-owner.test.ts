import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { claimDirectory, ownerOf } from '../../scripts/local/directory-owner.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'membership-owner-'));
});

afterEach(() => rmSync(directory, { recursive: true }));

it('a directory has one owner at a time', () => {
  const release = claimDirectory(directory);
  expect(ownerOf(directory)?.pid).toBe(process.pid);
  expect(() => claimDirectory(directory)).toThrow(`It already runs in ${directory} (process ${process.pid})`);
  release();
  expect(ownerOf(directory)).toBeUndefined();
  claimDirectory(directory)();
});

it('an owner that is gone does not keep it', () => {
  mkdirSync(join(directory, 'run'));
  writeFileSync(
    join(directory, 'run', 'owner.json'),
    JSON.stringify({ pid: process.pid, startedAt: 'earlier' }),
  );
  expect(ownerOf(directory)).toBeUndefined();
  claimDirectory(directory)();
});
