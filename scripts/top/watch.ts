/** Both centres as their functions' logs tell of them. */
import { type CentreName, centreNames } from '../../functions/core/propagation/event.ts';
import { logFileOf } from '../local/data.ts';
import { seenIn, writtenAtMs } from './log-lines.ts';
import { linesPutAside, makeLogTail } from './log-tail.ts';
import { type CentrePicture, makeWindow } from './window.ts';

export interface Picture {
  readonly at: string;
  /** Over how many seconds everything is counted. */
  readonly seconds: number;
  readonly centres: Readonly<Record<CentreName, CentrePicture>>;
}

export interface Watch {
  /** Reads what is new, and says how it is. */
  look(nowMs: number): Picture;
  close(): void;
}

/** A relay reports each ten seconds: the last report must be found, however short the window. */
const reportsWithinMs = 30_000;

export function watchCopy(directory: string, seconds: number, nowMs: number): Watch {
  const sinceMs = nowMs - Math.max(seconds * 1000, reportsWithinMs);
  const centres = centreNames.map((centre) => {
    const path = logFileOf(directory, `functions-${centre.toLowerCase()}`);
    const window = makeWindow(seconds);
    const tail = makeLogTail(path);
    const take = (lines: readonly string[]): void => {
      for (const line of lines) {
        const atMs = writtenAtMs(line);
        const seen = atMs !== null && atMs >= sinceMs ? seenIn(line) : null;
        if (seen) window.add(seen);
      }
    };
    take(linesPutAside(path));
    return { centre, window, tail, take };
  });
  return {
    look(atMs) {
      for (const { tail, take } of centres) take(tail.read());
      const pictures = centres.map(({ centre, window }) => [centre, window.picture(atMs)] as const);
      return {
        at: new Date(atMs).toISOString(),
        seconds,
        centres: Object.fromEntries(pictures) as Record<CentreName, CentrePicture>,
      };
    },
    close() {
      for (const { tail } of centres) tail.close();
    },
  };
}
