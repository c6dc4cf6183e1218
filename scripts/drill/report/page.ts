/** The report as one self-contained page: nothing is fetched, nothing runs. */
import type { Drilled } from '../judgement/judge-drill.ts';
import type { LaneFigures, ScenarioFigures } from '../judgement/scenario-figures.ts';
import { type Band, chartOf, escaped, namesOf, type Series } from './chart.ts';
import type { Second } from './timeline.ts';

const sourceColours: Readonly<Record<string, string>> = {
  cache: '#4f8fc0',
  'search:primary': '#6aa84f',
  'search:backup': '#b6d7a8',
  'search:marketing': '#d9ead3',
  replica: '#f1c232',
  writer: '#e69138',
};
const freshnessColours: Readonly<Record<string, string>> = {
  fresh: '#6aa84f',
  bounded: '#f1c232',
  stale: '#cc4125',
};
const otherColour = '#999999';

const style = `
body { font: 14px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 1240px; padding: 0 1rem; color: #222; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
figure { margin: .6rem 0; } figcaption { font-weight: 600; } figcaption small, figcaption span { font-weight: 400; color: #555; }
figcaption span { margin-left: .8rem; } figcaption i { display: inline-block; width: .7em; height: .7em; margin-right: .3em; }
svg { width: 100%; height: auto; display: block; }
.tick { font-size: 10px; text-anchor: end; fill: #555; } .time { font-size: 10px; fill: #555; } .name { font-size: 10px; fill: #a61c00; }
.grid { stroke: #ddd; stroke-width: .5; } .fault { fill: #cc0000; fill-opacity: .12; }
.table { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
th, td { text-align: right; padding: .25rem .5rem; border-bottom: 1px solid #ddd; vertical-align: top; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; white-space: normal; min-width: 16rem; } td small { color: #555; display: block; }
.good { color: #38761d; } .bad { color: #a61c00; }
@media (prefers-color-scheme: dark) { body { background: #1c1c1c; color: #ddd; } .tick, .time, td small, figcaption small, figcaption span { fill: #aaa; color: #aaa; } .grid { stroke: #444; } th, td { border-color: #444; } }
`;

export function pageOf(drilled: Drilled, seconds: readonly Second[]): string {
  const { scenarios, reasons, differences, faults } = drilled;
  const bands: Band[] = scenarios.map(({ name, startSeconds, faultSeconds }) => ({
    name,
    fromSeconds: startSeconds,
    toSeconds: startSeconds + faultSeconds,
  }));
  const one = (name: string, colour: string, of: (second: Second) => number | null): Series => ({
    name,
    colour,
    values: seconds.map(of),
  });
  const counted = (
    of: (second: Second) => Readonly<Record<string, number>>,
    colours: Readonly<Record<string, string>>,
  ): Series[] => {
    const names = new Set([...Object.keys(colours), ...seconds.flatMap((second) => Object.keys(of(second)))]);
    return [...names]
      .filter((name) => seconds.some((second) => of(second)[name]))
      .map((name) => one(name, colours[name] ?? otherColour, (second) => of(second)[name] ?? 0));
  };
  const charts = [
    chartOf(
      {
        ...{ title: 'Rate', unit: 'answers a second', kind: 'lines' },
        series: [one('requests', '#4f8fc0', ({ requests }) => requests)],
      },
      bands,
    ),
    chartOf(
      {
        ...{ title: 'Latency', unit: 'ms, as the client waited', kind: 'lines', isLogarithmic: true },
        series: [one('p50', '#4f8fc0', ({ p50Ms }) => p50Ms), one('p99', '#cc4125', ({ p99Ms }) => p99Ms)],
      },
      bands,
    ),
    chartOf(
      {
        ...{ title: 'Errors', unit: 'a second', kind: 'lines' },
        series: [
          one('attempts', '#f1c232', ({ failedAttempts }) => failedAttempts),
          one('requests', '#cc4125', ({ failed }) => failed),
        ],
      },
      bands,
    ),
    chartOf(
      {
        ...{ title: 'Source', unit: 'reads a second', kind: 'stacked' },
        series: counted(({ sources }) => sources, sourceColours),
      },
      bands,
    ),
    chartOf(
      {
        ...{ title: 'Freshness', unit: 'reads a second', kind: 'stacked' },
        series: counted(({ freshness }) => freshness, freshnessColours),
      },
      bands,
    ),
  ];
  const found = [
    ...faults.map(({ invariant, check, message }) => `${invariant} (${check}): ${message}`),
    ...differences.map(({ sink, what }) => `${sink} differs: ${what}`),
  ];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Drill ${escaped(drilled.commit)}</title><style>${style}</style></head><body>
<h1>Drill of commit ${escaped(drilled.commit)}: ${reasons.length === 0 ? '<span class="good">every goal holds</span>' : '<span class="bad">failed</span>'}</h1>
${listOf(reasons, 'bad')}
${factsOf(drilled)}
<h2>What clients of the critical lane saw</h2>
${namesOf(bands, seconds.length)}
${charts.join('\n')}
<h2>Fault by fault</h2>
${tableOf(scenarios)}
${found.length === 0 ? '' : `<h2>What was found</h2>${listOf(found, 'bad')}`}
</body></html>
`;
}

const listOf = (lines: readonly string[], kind: string): string =>
  lines.length === 0
    ? ''
    : `<ul class="${kind}">${lines.map((line) => `<li>${escaped(line)}</li>`).join('')}</ul>`;

function factsOf(drilled: Drilled): string {
  const rows: [string, string][] = [
    ['Members, requests', `${drilled.members}, ${drilled.requests} at ${drilled.ratePerSecond}/s`],
    ['Time', `${drilled.seconds} s, start and judging included`],
    ['Critical reads answered', percent(drilled.criticalReadAvailability)],
    ['Writes answered, outside promotions', percent(drilled.writeAvailabilityOutsidePromotion)],
    ['Acknowledged writes lost', String(drilled.lostAcknowledged)],
    ['Stale answers that called themselves fresh', String(drilled.silentStale)],
    ['Identifiers with two owners', String(drilled.twoOwners)],
    ['Sinks that differ from the database', String(drilled.divergedSinks)],
    ['Sinks equal after the last fault', secondsText(drilled.convergedSeconds)],
    ['Promotion', secondsText(drilled.promotionSeconds)],
    [
      'Other faults by the judge; misses by the observer',
      `${drilled.otherFaults}; ${drilled.observerMisses}`,
    ],
  ];
  const cells = rows.map(([what, value]) => `<tr><td>${what}</td><td>${escaped(value)}</td></tr>`);
  return `<div class="table"><table>${cells.join('\n')}</table></div>`;
}

function tableOf(scenarios: readonly ScenarioFigures[]): string {
  const heads = [
    ...['fault', 'requests', 'reads failed', 'writes failed', 'marketing failed', 'attempts failed'],
    ...[
      'longest gap of reads',
      'switch',
      'back',
      'read again',
      'labelled',
      'stale, silent',
      'writes lost',
      'sinks equal',
    ],
  ];
  const failedOf = ({ client }: LaneFigures): string => `${client.failed} of ${client.asked}`;
  const rows = scenarios.map((one) => {
    const { criticalReads, criticalWrites, marketingReads } = one;
    const raw = [criticalReads, criticalWrites, marketingReads].map((lane) => lane.raw.failed);
    const kinds = [criticalReads, criticalWrites, marketingReads].flatMap(({ client }) =>
      Object.entries(client.failures).map(([name, count]) => `${count} x ${name}`),
    );
    const cells = [
      `<b>${escaped(one.name)}</b> ${escaped(one.fault)}<small>${escaped(one.promises)}</small>`,
      String(one.requests),
      failedOf(criticalReads),
      failedOf(criticalWrites) + (kinds.length > 0 ? `<small>${escaped(kinds.join(', '))}</small>` : ''),
      failedOf(marketingReads),
      String(raw.reduce((sum, count) => sum + count, 0)),
      `${Math.round(criticalReads.longestGapMs)} ms`,
      secondsText(one.switchSeconds),
      secondsText(one.backSeconds),
      secondsText(one.readAgainSeconds),
      String(one.staleLabelled),
      String(one.staleSilent),
      String(one.acknowledgedLost),
      one.sinksEqual ? 'yes' : 'no',
    ];
    return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
  });
  return `<div class="table"><table><tr>${heads.map((head) => `<th>${head}</th>`).join('')}</tr>${rows.join('\n')}</table></div>`;
}

const percent = (share: number): string => `${(share * 100).toFixed(3)} %`;
const secondsText = (seconds: number | null): string => (seconds === null ? '' : `${seconds.toFixed(2)} s`);
