import { ownerOf } from './directory-owner.ts';
import { MINISTACK_HEALTH_PATH } from './ministack.ts';
import { SEARCH_HEALTH_PATH } from './opensearch.ts';
import { PARTS, type PartName } from './ports.ts';
import { probe } from './probes.ts';
import { tableOf } from './report.ts';
import { type ListedPart, type LocalState, readState } from './state.ts';

const PROBE_WITHIN_MS = 1_500;

/** `starting` covers stopping too: somebody owns the directory and does not serve. */
export type Running =
  | { phase: 'up'; state: LocalState; parts: ListedPart[] }
  | { phase: 'starting' | 'stopped' };

/** How it is right now: each part is asked, all at once, and for a bounded time. */
export async function askStatus(directory: string): Promise<Running> {
  const owner = ownerOf(directory);
  if (!owner) return { phase: 'stopped' };
  const state = readState(directory);
  if (state?.supervisor.pid !== owner.pid || state.supervisor.startedAt !== owner.startedAt) {
    return { phase: 'starting' };
  }
  return { phase: 'up', state, parts: await Promise.all(state.parts.map(askPart)) };
}

async function askPart(part: ListedPart): Promise<ListedPart> {
  const healthPath = healthPathOf(part.name);
  const state = await probe(part.address, {
    ...(healthPath ? { healthPath } : {}),
    withinMs: PROBE_WITHIN_MS,
  });
  return { ...part, state };
}

function healthPathOf(name: string): string | undefined {
  switch (name in PARTS ? PARTS[name as PartName].kind : undefined) {
    case 'opensearch':
      return SEARCH_HEALTH_PATH;
    case 'ministack':
      return MINISTACK_HEALTH_PATH;
    default:
      return undefined;
  }
}

/** Prints it; the exit code is 0 only when everything is up. */
export async function showStatus(
  directory: string,
  asJson: boolean,
  say: (line: string) => void,
): Promise<number> {
  const running = await askStatus(directory);
  if (running.phase !== 'up') {
    const nothing = { frontDoor: null, centres: {}, callers: {}, parts: [] };
    const sentence =
      running.phase === 'stopped' ? 'It does not run. "npm start" starts it.' : 'It is starting.';
    say(asJson ? JSON.stringify(nothing, undefined, 2) : sentence);
    return 1;
  }
  const { state, parts } = running;
  const { frontDoor, centres, callers } = state;
  const text = `${tableOf(parts)}\n\nFront door  ${frontDoor}`;
  say(asJson ? JSON.stringify({ frontDoor, centres, callers, parts }, undefined, 2) : text);
  return parts.every((part) => part.state === 'up') ? 0 : 1;
}
