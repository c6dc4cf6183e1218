/** What the command says. */
import type { Missed, Registrar, RegistrarOutcome } from '../../functions/core/caller/registrar.ts';
import { isSame } from '../../functions/core/caller/registration.ts';
import { centreNames } from '../../functions/core/propagation/event.ts';

export interface Report {
  readonly lines: readonly string[];
  readonly exitCode: 0 | 1;
}

const missing = (missed: readonly Missed[]): string[] =>
  missed.map(({ part, why }) => `Not reached: ${part} (${why})`);

/** @param name of the caller that was asked about */
export function reportOf(outcome: RegistrarOutcome, name: string): Report {
  const { missed } = outcome;
  const isDone = missed.length === 0;
  const again = isDone ? [] : ['Run the same command again once that is back.'];
  const done = (...lines: string[]): Report => ({
    lines: [...lines, ...missing(missed), ...again],
    exitCode: isDone ? 0 : 1,
  });
  const refused = (...lines: string[]): Report => ({ lines: [...lines, ...missing(missed)], exitCode: 1 });
  switch (outcome.kind) {
    case 'added':
      return done(
        `${name} is registered. Its key, told this once; it is good within 30 s:`,
        '',
        outcome.key,
        '',
      );
    case 'rotated':
      return done(
        `${name} has one more key, told this once; it is good within 30 s. Of three the oldest was dropped.`,
        '',
        outcome.key,
        '',
      );
    case 'exists':
      return done(`${name} is registered already. "rotate ${name}" gives it one more key.`);
    case 'finished-earlier':
      return done(
        `An earlier change of ${name} was not in both registries: it was finished, and no key was made.`,
        'The key of that change was told then. If nobody has it, rotate again.',
      );
    case 'disabled':
      return done(
        isDone
          ? `It is refused everywhere from now on (${outcome.caller}).`
          : `It is refused wherever that was reached (${outcome.caller}); the relays carry it on to what they reach.`,
      );
    case 'unknown':
      return refused(`No caller like that is registered${isDone ? '' : ' where it could be read'}.`);
    case 'is-disabled':
      return refused(`${name} is disabled. "add ${name} ..." registers it anew, with a new key.`);
    case 'one-centre-only':
      return refused(
        'Nothing was changed: whether an earlier change is in the other registry could not be seen.',
        'Rotate once it is back; or say --one-centre, if no change of this caller is unfinished.',
      );
    case 'not-written':
      return refused('No registry could be written: nothing was changed.');
  }
}

/** A table, or JSON for programs. Nothing of a key but how many there are. */
export function reportOfList(
  { standing, joined, missed }: Awaited<ReturnType<Registrar['list']>>,
  asJson: boolean,
): Report {
  const callers = joined.map((caller) => ({
    name: caller.name,
    lane: caller.lane,
    state: caller.disabledSinceMs === null ? ('active' as const) : ('disabled' as const),
    liveKeys: caller.keys.length,
    team: caller.team,
    owner: caller.owner,
    operations: caller.operations,
    ratePerSecond: caller.ratePerSecond,
    purpose: caller.purpose,
    unfinishedIn: centreNames.filter(
      (centre) =>
        !isSame(
          standing[centre]?.find(({ name }) => name === caller.name),
          caller,
        ),
    ),
  }));
  const exitCode = missed.length > 0 ? 1 : 0;
  if (asJson) return { lines: [JSON.stringify({ callers, missed }, undefined, 2)], exitCode };
  const rows = callers.map((caller) => [
    caller.name,
    caller.lane,
    caller.state,
    String(caller.liveKeys),
    caller.team,
    caller.owner,
    caller.operations.join(','),
    `${caller.ratePerSecond}/s`,
    caller.purpose,
    caller.unfinishedIn.length > 0 ? `(not so in ${caller.unfinishedIn.join(' and ')})` : '',
  ]);
  const titles = ['name', 'lane', 'state', 'keys', 'team', 'owner', 'operations', 'rate', 'purpose', ''];
  return { lines: [...columns([titles, ...rows]), ...missing(missed)], exitCode };
}

function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, index) => Math.max(...rows.map((row) => row[index]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
