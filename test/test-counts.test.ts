import { describe, expect, test } from 'vitest';
import { countsOf } from '../scripts/test-counts.ts';

const file = (status: string, ...tests: string[]) => ({
  status,
  assertionResults: tests.map((each) => ({ status: each })),
});

function report(...testResults: ReturnType<typeof file>[]) {
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  const numPassedTests = tests.filter(({ status }) => status === 'passed').length;
  return { numTotalTests: tests.length, numPassedTests, testResults };
}

describe('what a run of vitest proved', () => {
  test('counts what passed', () => {
    expect(countsOf(report(file('passed', 'passed', 'passed')), 0)).toEqual({ passed: 2, failed: 0 });
  });

  test.each([
    ['a failed test', report(file('failed', 'passed', 'failed')), 1, { passed: 1, failed: 1 }],
    ['a skipped test', report(file('passed', 'passed', 'pending')), 0, { passed: 1, failed: 1 }],
    [
      'a file that could not be loaded',
      report(file('failed'), file('passed', 'passed')),
      1,
      { passed: 1, failed: 1 },
    ],
    ['a hook that failed after its tests', report(file('failed', 'passed')), 1, { passed: 1, failed: 1 }],
    ['a hook that failed before its tests', report(file('failed', 'skipped')), 1, { passed: 0, failed: 1 }],
    ['an error outside of all tests', report(file('passed', 'passed')), 1, { passed: 1, failed: 1 }],
    ['no tests at all', report(), 0, { passed: 0, failed: 1 }],
    ['no report', undefined, 0, { passed: 0, failed: 1 }],
    ['a report of another form', { some: 'thing' }, 0, { passed: 0, failed: 1 }],
  ])('counts %s as failed', (_, found, exitCode, expected) => {
    expect(countsOf(found, exitCode)).toEqual(expected);
  });
});
