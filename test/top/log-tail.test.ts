import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LogTail, linesPutAside, makeLogTail } from '../../scripts/top/log-tail.ts';

let directory: string;
let path: string;
let tail: LogTail | undefined;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'membership-top-'));
  path = join(directory, 'functions-a.log');
});
afterEach(() => {
  tail?.close();
  tail = undefined;
  rmSync(directory, { recursive: true, force: true });
});

const follow = () => {
  tail = makeLogTail(path);
  return tail;
};

describe('a tail', () => {
  it('reads what is there, then what comes', () => {
    writeFileSync(path, 'one\ntwo\n');
    const { read } = follow();
    expect(read()).toEqual(['one', 'two']);
    expect(read()).toEqual([]);
    appendFileSync(path, 'three\n');
    expect(read()).toEqual(['three']);
  });

  it('waits for the end of a line, also within a character', () => {
    const { read } = follow();
    const [first, second] = [
      Buffer.from('{"a":"名"}\n').subarray(0, 7),
      Buffer.from('{"a":"名"}\n').subarray(7),
    ];
    writeFileSync(path, first);
    expect(read()).toEqual([]);
    appendFileSync(path, second);
    expect(read()).toEqual(['{"a":"名"}']);
  });

  it('reads lines that are longer than what is read at once', () => {
    writeFileSync(path, `${'x'.repeat(1_500_000)}\nshort\n`);
    const lines = follow().read();
    expect(lines.at(-1)).toBe('short');
    expect(lines.length).toBeLessThanOrEqual(2);
  });

  it('follows a file that is put aside, and loses nothing of either', () => {
    writeFileSync(path, 'one\n');
    const { read } = follow();
    expect(read()).toEqual(['one']);
    appendFileSync(path, 'two\n');
    renameSync(path, `${path}.1`);
    writeFileSync(path, 'three\n');
    // Its writer had something left.
    appendFileSync(`${path}.1`, 'half ');
    expect(read()).toEqual(['two', 'three']);
    appendFileSync(`${path}.1`, 'a line\n');
    appendFileSync(path, 'four\n');
    expect(read()).toEqual(['half a line', 'four']);
    appendFileSync(path, 'five\n');
    expect(read()).toEqual(['five']);
  });

  it('waits for a file that is not there yet, or not there again yet', () => {
    const { read } = follow();
    expect(read()).toEqual([]);
    writeFileSync(path, 'one\n');
    expect(read()).toEqual(['one']);
    renameSync(path, `${path}.1`);
    expect(read()).toEqual([]);
    writeFileSync(path, 'two\n');
    expect(read()).toEqual(['two']);
  });

  it('begins anew with a file that was cut off', () => {
    writeFileSync(path, 'one\ntwo\n');
    const { read } = follow();
    read();
    truncateSync(path);
    appendFileSync(path, 'new\n');
    expect(read()).toEqual(['new']);
  });
});

it('knows the lines of the file put aside before', () => {
  expect(linesPutAside(path)).toEqual([]);
  writeFileSync(`${path}.1`, 'one\ntwo\n');
  expect(linesPutAside(path)).toEqual(['one', 'two', '']);
});
