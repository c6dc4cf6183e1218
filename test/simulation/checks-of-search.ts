/** What must hold of breakers, and of search clusters that come back. */
import type { CentreName } from '../../functions/core/propagation/event.ts';
import { broken, type Violation } from './checks.ts';
import { cacheNames, type Engines } from './engines.ts';

/** I7: an operator's switch is obeyed by everybody who has seen it. */
export const readThoughSwitchedOff = (process: string, search: string): Violation =>
  broken('I7', 'operatorsSwitchWins', `${process} reads ${search}, which it knows to be switched off`, [
    search,
  ]);

/** Between two probes one must have ended, or been given up: see `probeMs`. Clocks do not run quite alike. */
const apartMs = 900;

/**
 * I7: a cluster that is not well is probed by one at a time. A Redis that restarts, fails over or is emptied forgets who was
 * elected: nobody can hold that against the next.
 */
export function oneProbe(
  nowMs: () => number,
  engines: Engines,
  report: (violation: Violation) => void,
): (centre: CentreName, search: string) => void {
  const last = new Map<string, number>();
  let forgotAtMs = Number.NEGATIVE_INFINITY;
  for (const { breakers } of Object.values(engines.redises)) {
    const clear = breakers.clear.bind(breakers);
    breakers.clear = () => {
      forgotAtMs = nowMs();
      clear();
    };
  }
  return (centre, search) => {
    const before = last.get(`${centre} ${search}`);
    last.set(`${centre} ${search}`, nowMs());
    if (before === undefined || nowMs() - before >= apartMs || forgotAtMs >= before - apartMs) return;
    report(
      broken(
        'I7',
        'oneProbe',
        `${centre} probes ${search} again ${Math.round(nowMs() - before)} ms after a probe`,
        [search],
      ),
    );
  };
}

/** Once faults have ended, every search cluster may be read, in both centres. */
export function searchServes(engines: Engines): Violation | null {
  for (const [name, { isReadable }] of Object.entries(engines.search)) {
    if (!isReadable) return broken('I6', 'searchServes', `${name} may not be read`, [name]);
    for (const cache of [...cacheNames.A, ...cacheNames.B]) {
      const state = engines.redises[cache]?.breakers.get(name)?.state ?? 'closed';
      if (state !== 'closed' && state !== 'suspect')
        return broken('I6', 'searchServes', `${name} is ${state} by ${cache}`, [name, cache]);
    }
  }
  return null;
}
