/** How far a run is, for people: a bar where there is a terminal, a line every few seconds otherwise. */
import type { Tally } from './run.ts';

export interface Progress {
  /** @param done how much of the whole is decided, 0 to 1 */
  show(tally: Tally, done: number, note: string): void;
  /** Takes the bar away, so that lines may follow. */
  end(): void;
}

/** What progress is written to: standard error, in life. */
export interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): void;
}

const everyMs = { bar: 200, lines: 5_000 } as const;
const barWidth = 24;
/** The rate is that of the last while, not of the whole run. */
const rateOverMs = 15_000;

export function makeProgress(screen: Screen, nowMs: () => number): Progress {
  const seen: { readonly atMs: number; readonly count: number; readonly done: number }[] = [];
  let shownAtMs = Number.NEGATIVE_INFINITY;
  return {
    show(tally, done, note) {
      const atMs = nowMs();
      if (atMs - shownAtMs < (screen.isTTY ? everyMs.bar : everyMs.lines)) return;
      shownAtMs = atMs;
      seen.push({ atMs, count: tally.registered, done });
      while (seen.length > 2 && (seen[0]?.atMs ?? 0) < atMs - rateOverMs) seen.shift();
      const text = textOf(tally, done, note);
      if (!screen.isTTY) screen.write(`${text}\n`);
      else screen.write(`\r\u001b[K${`${barOf(done)} ${text}`.slice(0, (screen.columns ?? 80) - 1)}`);
    },
    end() {
      if (screen.isTTY) screen.write('\r\u001b[K');
    },
  };

  function textOf({ registered, rejected }: Tally, done: number, note: string): string {
    const [first, last] = [seen[0], seen.at(-1)];
    const seconds = first && last ? (last.atMs - first.atMs) / 1000 : 0;
    const parts = [
      `${Math.floor(done * 100)}%`,
      `${registered.toLocaleString('en')} members`,
      ...(rejected > 0 ? [`${rejected.toLocaleString('en')} lines rejected`] : []),
    ];
    if (first && last && seconds > 0) {
      parts.push(`${Math.round((last.count - first.count) / seconds)}/s`);
      const perSecond = (last.done - first.done) / seconds;
      if (perSecond > 0) parts.push(`${durationOf((1 - done) / perSecond)} left`);
    }
    if (note !== '') parts.push(note);
    return parts.join(', ');
  }
}

const barOf = (done: number): string => {
  const filled = Math.round(Math.min(1, done) * barWidth);
  return `[${'#'.repeat(filled)}${'.'.repeat(barWidth - filled)}]`;
};

/** `1 h 02 min`, `3 min 20 s`, `12 s`. */
export function durationOf(seconds: number): string {
  const whole = Math.ceil(seconds);
  const two = (value: number): string => String(value).padStart(2, '0');
  if (whole >= 3_600) return `${Math.floor(whole / 3_600)} h ${two(Math.floor((whole % 3_600) / 60))} min`;
  if (whole >= 60) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${whole} s`;
}
