import type { ListedPart, LocalState } from './state.ts';

/** What is up, where, and what to try, for a person to read. */
export function describe(state: LocalState, tookMs: number): string {
  return [
    '',
    tableOf(state.parts),
    '',
    `Front door  ${state.frontDoor}`,
    `Centre A    ${state.centres.A.url}`,
    `Centre B    ${state.centres.B.url}`,
    '',
    'Try:',
    state.tryIt,
    '',
    `All is up after ${(tookMs / 1000).toFixed(1)} s. "npm stop" (or Ctrl-C, if this is the foreground) ends it.`,
  ].join('\n');
}

export function tableOf(parts: ListedPart[]): string {
  const nameWidth = Math.max(...parts.map((part) => part.name.length));
  const stateWidth = Math.max(...parts.map((part) => part.state.length));
  return parts
    .map((part) => `  ${part.name.padEnd(nameWidth)}  ${part.state.padEnd(stateWidth)}  ${part.address}`)
    .join('\n');
}
