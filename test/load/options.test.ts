import { describe, expect, test } from 'vitest';
import { type LoadOptions, readOptions, UsageFault } from '../../scripts/load/options.ts';

const read = (...args: string[]) => readOptions(args, 1_700_000_000_000) as LoadOptions;

describe('the command line of the load', () => {
  test('without options loads the running copy at a rate', () => {
    expect(read()).toMatchObject({
      ...{
        members: 20_000,
        seconds: 60,
        readShare: 0.95,
        zipf: 0.99,
        warmUp: true,
        url: undefined,
        centres: [],
      },
      pace: { kind: 'rate', perSecond: 200 },
    });
  });

  test('takes callers that wait, in place of a rate', () => {
    expect(read('--callers', '8', '--members', '100').pace).toEqual({ kind: 'callers', count: 8 });
  });

  test.each([
    [['--members', '1']],
    [['--members', '2.5']],
    [['--members', '']],
    [['--seconds', '0']],
    [['--rate', 'fast']],
    [['--rate', '100000']],
    [['--rate', '10', '--callers', '1']],
    [['--read-share', '1.1']],
    [['--centre', 'http://127.0.0.1:4101']],
    [['--url', 'http://127.0.0.1:4100']],
    [['--what', '1']],
    [['more']],
  ])('refuses %s', (args) => {
    expect(() => read(...args)).toThrow(UsageFault);
  });

  test('loads no other machine unless it is named', () => {
    const other = ['--url', 'http://10.1.2.3:80', '--key', 'k'];
    expect(() => read(...other)).toThrow('10.1.2.3 is not this machine');
    expect(() => read('--url', 'ftp://127.0.0.1', '--key', 'k')).toThrow(UsageFault);
    expect(() => read('--url', 'http://127.0.0.1:1', '--key', 'k', '--centre', 'http://10.1.2.3')).toThrow(
      UsageFault,
    );
    expect(read(...other, '--allow-host', '10.1.2.3').url).toBe('http://10.1.2.3:80');
  });
});
