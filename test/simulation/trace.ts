/** What happened in a run, in words: kept only when asked for, since a run repeats exactly from its seed. */
export interface Trace {
  readonly isOn: boolean;
  note(text: string): void;
  lines(): readonly string[];
}

export const noTrace: Trace = { isOn: false, note: () => {}, lines: () => [] };

const widthMax = 300;

/** Begins a line that stories leave out. */
export const polling = '  . ';

export function makeTrace(nowMs: () => number, linesMax = Number.POSITIVE_INFINITY): Trace {
  const lines: string[] = [];
  return {
    isOn: true,
    note(text) {
      lines.push(
        `${nowMs().toFixed(3).padStart(12)} ${text.length > widthMax ? `${text.slice(0, widthMax)} ...` : text}`,
      );
      if (lines.length > 2 * linesMax) lines.splice(0, lines.length - linesMax);
    },
    lines: () => lines,
  };
}

/** The last lines that are about one of `keys` (members, identifiers, parts), and every fault among them. */
export function storyOf(
  lines: readonly string[],
  keys: readonly string[],
  linesMax: number,
): readonly string[] {
  const about = keys.map(
    (key) => new RegExp(`(?<![\\w-])${key.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w-])`),
  );
  const mine = lines.filter(
    (line) => !line.includes(polling) && (line.includes(' ~ ') || about.some((key) => key.test(line))),
  );
  return mine.slice(-linesMax);
}

/** A value as the story tells it: short, versions as EPOCH:CHANGE, events by what they change. */
export function say(value: unknown): string {
  if (typeof value === 'number') return sayNumber(value);
  if (typeof value === 'string') return value.startsWith('{') ? sayText(value) : value;
  if (value === null || typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return `[${value.map(say).join(' ')}]`;
  const fields = value as Record<string, unknown>;
  if ('history' in fields && 'cacheKeys' in fields) {
    const { operation } = fields.history as { operation: string };
    return `<${operation} of ${String(fields.memberId)} at ${say(fields.version)} ${say(fields.directory)}>`;
  }
  if ('holdings' in fields) return sayMember(fields);
  const entries = Object.entries(fields).filter(([name, inner]) => inner !== undefined && !skipped.has(name));
  return `{${entries.map(([name, inner]) => `${name}=${say(inner)}`).join(' ')}}`;
}

const skipped = new Set(['requestHash', 'createdAt', 'updatedAt', 'lifetimeMs', 'at']);

function sayNumber(value: number): string {
  const epoch = Math.floor(value / 2 ** 32);
  return epoch > 0 && Number.isInteger(value)
    ? `${epoch}:${value % 2 ** 32}`
    : String(Math.round(value * 1000) / 1000);
}

function sayText(text: string): string {
  try {
    return say(JSON.parse(text));
  } catch {
    return text.slice(0, 80);
  }
}

function sayMember(fields: Record<string, unknown>): string {
  const holdings = fields.holdings as readonly { key: string; token: string }[];
  const held = holdings.map(({ key, token }) => `${key}/${token}`).join(' ');
  return `<${String(fields.memberId)} at ${say(fields.version)} ${String(fields.status)} holds ${held || 'nothing'}>`;
}

/** A part that did not answer says why; what nobody expected, everything. */
export function sayError(error: unknown): string {
  const { cause, message } = error as { readonly cause?: unknown; readonly message?: string };
  if (cause === undefined) return String(error);
  return `${message} (${cause instanceof Error ? cause.message : String(cause)})`;
}
