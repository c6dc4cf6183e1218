import { expect, it } from 'vitest';
import { nothingObserved, sumOfReports } from '../../scripts/drill/judgement/observed.ts';

const report = (counts: object) => ({
  operation: 'observe-consistency',
  outcome: 'report',
  report: [
    { delayMs: 0, centre: 'A', counts },
    { delayMs: 0, centre: 'B', counts },
  ],
});

it('sums up what observers report, and nothing else of a log', async () => {
  const counts = { consistent: 3, labelled: 1, missed: 0, overtaken: 0, unanswered: 2 };
  const lines = [
    JSON.stringify(report(counts)),
    JSON.stringify({ operation: 'get-member', report: [{ counts }] }),
    JSON.stringify({ operation: 'observe-consistency', outcome: 'missed', miss: {} }),
    JSON.stringify(report({ ...counts, missed: 1 })),
    JSON.stringify(report(counts)).slice(0, -9),
  ];
  expect(await sumOfReports(lines)).toEqual({
    consistent: 12,
    labelled: 4,
    missed: 2,
    overtaken: 0,
    unanswered: 8,
  });
  expect(await sumOfReports([])).toEqual(nothingObserved);
});
