/**
 * Telemetry: at most one structured line a request, with no personal data in it: no identifier, no body, no query, no
 * member's id, and no message of an error, because drivers quote values in theirs.
 */

import { writeSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

/** What may be said of a request. */
export interface RequestLine {
  readonly operation: string;
  readonly lane?: string | undefined;
  readonly caller?: string | undefined;
  readonly requestId?: string | undefined;
  readonly status?: number | undefined;
  /** `ok`, or the code of the problem. */
  readonly outcome: string;
  /** More than the code says. */
  readonly reason?: string | undefined;
  readonly source?: string | undefined;
  readonly freshness?: string | undefined;
  readonly durationMs: number;
  readonly failure?: FailureLine | undefined;
}

/** What may be said of an error. */
export interface FailureLine {
  readonly name: string;
  readonly code?: string | undefined;
  /** Which dependency failed. */
  readonly part?: string | undefined;
  /** The code of what caused it: `ECONNREFUSED`, `ER_LOCK_WAIT_TIMEOUT`. */
  readonly causeCode?: string | undefined;
  /** What it says, of those errors that are about the configuration and never repeat what stands there. */
  readonly says?: string | undefined;
  /** Where it was thrown: one file and line. */
  readonly at?: string | undefined;
}

export type Log = (line: object) => void;

/** Writes a line of JSON to standard output, where the platform collects it. */
export const logToStandardOutput: Log = (line) => {
  const text = `${JSON.stringify(line)}\n`;
  if (!isMainThread || !wroteAtOnce(text)) process.stdout.write(text);
};

const standardOutput = 1;

/** Past the stream, which costs more than the writing. A pipe that is full is left to the stream. */
function wroteAtOnce(text: string): boolean {
  try {
    writeSync(standardOutput, text);
    return true;
  } catch {
    return false;
  }
}

export function failureLine(error: unknown): FailureLine {
  if (!(error instanceof Error)) return { name: typeof error };
  const { name, code, part } = error as Error & { readonly code?: unknown; readonly part?: unknown };
  const says = code === 'settings-invalid' || code === 'keyring-invalid' ? error.message : undefined;
  const at = /\(?([^\s()/]+\/[^\s()/]+:\d+):\d+\)?$/m.exec(error.stack?.split('\n    at ')[1] ?? '')?.[1];
  return { name, code: textOf(code), part: textOf(part), causeCode: textOf(codeOf(error.cause)), says, at };
}

function codeOf(cause: unknown): unknown {
  if (!(cause instanceof Error)) return undefined;
  return (cause as Error & { readonly code?: unknown }).code ?? cause.name;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
