export interface Counts {
  passed: number;
  failed: number;
}

interface Report {
  readonly numTotalTests: number;
  readonly numPassedTests: number;
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

/**
 * What a run of vitest proved, from its JSON report and exit code. What did not run did not pass: skipped tests, files
 * that could not be loaded, a run without tests, and one that ended badly for a reason of no test all count as failed.
 */
export function countsOf(report: unknown, exitCode: number): Counts {
  if (!isReport(report)) return { passed: 0, failed: 1 };
  const { testResults, numTotalTests, numPassedTests } = report;
  // A file whose own code or hook failed may have no failed test to show for it.
  const brokenFiles = testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((test) => test.status !== 'passed'),
  ).length;
  const failed = numTotalTests - numPassedTests + brokenFiles;
  const hasFailed = exitCode !== 0 || numTotalTests === 0;
  return { passed: numPassedTests, failed: hasFailed ? Math.max(1, failed) : failed };
}

function isReport(report: unknown): report is Report {
  return (
    typeof report === 'object' &&
    report !== null &&
    'numTotalTests' in report &&
    'numPassedTests' in report &&
    'testResults' in report &&
    Array.isArray(report.testResults)
  );
}
