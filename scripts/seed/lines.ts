/** The lines of a file, however large it is: one at a time, and none longer than a body of the API may be. */
import { createReadStream } from 'node:fs';
import { bodyBytesMax } from '../../functions/runtime/limits.ts';

export interface Line {
  /** From 1. */
  readonly number: number;
  /** How many bytes of the file end with it. */
  readonly bytesRead: number;
  /** Without its end, and without the mark that some programs put at the beginning of a file. */
  readonly text: string | { readonly fault: 'line-too-long' | 'not-utf-8' };
}

const newline = 0x0a;

/** Lines that hold nothing are left out; they count all the same. */
export async function* linesOf(path: string): AsyncGenerator<Line> {
  let parts: Buffer[] = [];
  let length = 0;
  let number = 0;
  let bytesRead = 0;
  const ended = function* (): Generator<Line> {
    number++;
    const text =
      length > bodyBytesMax ? { fault: 'line-too-long' as const } : textOf(Buffer.concat(parts), number);
    parts = [];
    length = 0;
    if (text !== '') yield { number, bytesRead, text };
  };
  const take = (part: Buffer): void => {
    length += part.length;
    if (length <= bodyBytesMax) parts.push(part);
    else parts = [];
  };
  for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>) {
    let from = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, from)) {
      take(chunk.subarray(from, end));
      bytesRead += end + 1 - from;
      from = end + 1;
      yield* ended();
    }
    take(chunk.subarray(from));
    bytesRead += chunk.length - from;
  }
  if (length > 0) yield* ended();
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function textOf(bytes: Buffer, number: number): Line['text'] {
  try {
    const text = decoder.decode(bytes);
    return (number === 1 ? text.replace(/^\uFEFF/, '') : text).replace(/\r$/, '').trim();
  } catch {
    return { fault: 'not-utf-8' };
  }
}
