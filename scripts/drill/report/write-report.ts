import { writeFileSync } from 'node:fs';
import type { Drilled } from '../judgement/judge-drill.ts';
import { pageOf } from './page.ts';
import { secondsOf } from './timeline.ts';

/** @param path without its ending: a JSON file and a page */
export function writeReport(path: string, drilled: Drilled): void {
  const { seen, beganMs, ...figures } = drilled;
  writeFileSync(`${path}.json`, `${JSON.stringify(figures, undefined, 2)}\n`);
  writeFileSync(`${path}.html`, pageOf(drilled, secondsOf(seen, beganMs)));
}
