/** `npm run bench`: measures the service beside bare clients and other libraries, on engines of its own. */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { engineVersions, environmentHere } from './bench/environment.ts';
import { hits } from './bench/hits.ts';
import { loads } from './bench/loads.ts';
import { misses } from './bench/misses.ts';
import { races } from './bench/races.ts';
import { asMarkdown, asText } from './bench/report.ts';
import { requests } from './bench/requests.ts';
import type { Result, Section } from './bench/section.ts';
import { startService } from './bench/service.ts';
import { writes } from './bench/writes.ts';

const sections: readonly Section[] = [hits, requests, races, writes, misses, loads];

const usage = `Usage: npm run bench -- [options]

Measures, on engines of its own, interleaved and repeated:
${sections.map(({ name, about }) => `  ${name.padEnd(16)}  ${about}`).join('\n')}

  --only NAME       that alone; may come more than once
  --json FILE       writes the figures there, for programs
  --markdown FILE   writes the tables there, for the documentation
  --help`;

const usageExitCode = 2;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

interface Options {
  readonly chosen: readonly Section[];
  readonly json: string | undefined;
  readonly markdown: string | undefined;
}

function readOptions(args: readonly string[]): Options | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', multiple: true },
      json: { type: 'string' },
      markdown: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const unknown = values.only?.find((name) => sections.every((section) => section.name !== name));
  if (unknown !== undefined) throw new Error(`There is no "${unknown}" to measure.`);
  const chosen = sections.filter(({ name }) => values.only?.includes(name) ?? true);
  return { chosen, json: values.json, markdown: values.markdown };
}

async function run({ chosen, json, markdown }: Options): Promise<void> {
  const here = environmentHere();
  const since = performance.now();
  const service = await startService(say);
  try {
    const environment = { ...here, engines: await engineVersions(service) };
    const results: Result[] = [];
    for (const section of chosen) {
      const result = await section.run(service);
      say(`\n${asText(result)}`);
      results.push(result);
    }
    const seconds = (performance.now() - since) / 1000;
    say(`\n${JSON.stringify(environment)}\n${Math.round(seconds)} s`);
    if (json !== undefined) writeJson(json, { environment, seconds, ...merged(results) });
    const tables = results.flatMap((result) => result.tables);
    if (markdown !== undefined) writeFileSync(markdown, asMarkdown({ environment, tables, seconds }));
  } finally {
    await service.stop();
  }
}

/** One object of all sections' figures; `ratios` of several go together. */
function merged(results: readonly Result[]): Record<string, unknown> {
  const all: Record<string, unknown> = {};
  for (const { json } of results) {
    for (const [name, value] of Object.entries(json)) {
      const known = all[name];
      all[name] = isRecord(known) && isRecord(value) ? { ...known, ...value } : value;
    }
  }
  return all;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function writeJson(file: string, content: unknown): void {
  writeFileSync(file, `${JSON.stringify(content, undefined, 2)}\n`);
}

let options: Options | 'help';
try {
  options = readOptions(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n\n${usage}\n`);
  process.exit(usageExitCode);
}
if (options === 'help') {
  say(usage);
  process.exit(0);
}
try {
  await run(options);
  process.exit(0);
} catch (error) {
  process.stderr.write(`${(error as Error).stack}\n`);
  process.exit(1);
}
