/** The lines that are not in, one JSON object each: number, code and where, never a value. */

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import type { Rejection } from './run.ts';

export interface RejectedReport {
  add(line: number, rejection: Rejection): Promise<void>;
  end(): Promise<void>;
}

/** Begun anew by each run: a run that is begun again comes to every line again. */
export async function makeRejectedReport(path: string): Promise<RejectedReport> {
  const stream = createWriteStream(path, { mode: 0o600 });
  await once(stream, 'open');
  return {
    async add(line, { code, errors }) {
      const text = JSON.stringify({ line, code, ...(errors.length > 0 && { errors }) });
      if (!stream.write(`${text}\n`)) await once(stream, 'drain');
    },
    async end() {
      stream.end();
      await finished(stream);
    },
  };
}
