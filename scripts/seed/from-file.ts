/** The source of a run with a file. Every line is held against the schemas that the API holds its bodies against. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import type { Bodies } from '../../functions/runtime/api/schemas.ts';
import { FileFault, jsonBody, makeCsvBody, type ReadBody } from './bodies.ts';
import { linesOf } from './lines.ts';
import type { RequestOf } from './request.ts';
import type { Item } from './run.ts';

const jsonExtensions = ['.jsonl', '.ndjson'];

/** The run's name: of the content, wherever the file lies. Reads the file once. */
export async function runOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 }))
    hash.update(chunk as Buffer);
  return `file-${hash.digest('base64url')}`;
}

/** @throws FileFault when it is not one to read members from */
export async function* fromFile(
  path: string,
  run: string,
  {
    bodies,
    platforms,
    requestOf,
  }: {
    readonly bodies: Pick<Bodies, 'register'>;
    readonly platforms: readonly string[];
    readonly requestOf: RequestOf;
  },
): AsyncGenerator<Item> {
  const { size } = await stat(path);
  const isJson = jsonExtensions.includes(extname(path).toLowerCase());
  let read: ReadBody | null = isJson ? jsonBody : null;
  for await (const { number, bytesRead, text } of linesOf(path)) {
    const at = { line: number, done: size === 0 ? 1 : bytesRead / size };
    if (read === null) {
      if (typeof text !== 'string') throw new FileFault('The first line must name the columns, in UTF-8.');
      read = makeCsvBody(text, platforms);
      continue;
    }
    const said = typeof text === 'string' ? read(text) : text;
    if ('fault' in said) {
      yield { ...at, rejection: { code: said.fault, errors: [] } };
      continue;
    }
    const parsed = bodies.register(said.body);
    if ('faults' in parsed) {
      yield { ...at, rejection: { code: 'invalid-request', errors: parsed.faults } };
      continue;
    }
    const { name, identifiers, pathOf } = parsed.value;
    const input = { name, identifiers };
    yield { ...at, entry: { input, request: requestOf(run, number, input) }, pathOf };
  }
}

/** @throws FileFault when its name does not tell what is in it */
export function checkName(path: string): void {
  if (![...jsonExtensions, '.csv'].includes(extname(path).toLowerCase())) {
    throw new FileFault('A file must be called .csv, or .jsonl (or .ndjson) for one JSON object a line.');
  }
}
