/** What callers may wish for: changes of few members and few identifiers, so that they meet all the time. */
import { writeDeadlineMs } from '../../functions/core/failover/durations.ts';
import { type Deadline, deadlineAfter } from '../../functions/core/kernel/clock.ts';
import { fieldOf, type Identifier } from '../../functions/core/member/identifiers.ts';
import type { Receipt } from '../../functions/core/member/member.ts';
import type { WriteOutcome, WriteRequest } from '../../functions/core/member/outcomes.ts';
import type { MemberWriter } from '../../functions/core/member/writer.ts';
import type { HistoryEntry, HistoryInput } from '../../scripts/judge/history.ts';
import { keyOf } from './cheap-crypto.ts';
import type { Plan } from './plan.ts';
import type { ApiProcess } from './processes.ts';
import type { Randomness } from './random.ts';
import type { Truth } from './truth.ts';

/** A write as its caller keeps it, to ask for it again. */
export interface Wish {
  readonly what: string;
  readonly op: HistoryEntry['op'];
  /** What else it asks for, as the history tells it. */
  readonly details: HistoryInput;
  readonly request: WriteRequest;
  /** What it may be refused for: the identifiers it takes, and the member it is about. */
  readonly wanted: readonly Identifier[];
  readonly memberId: string | null;
  receipt: Receipt | null;
  ask(process: ApiProcess): Promise<WriteOutcome>;
}

export interface Wishes {
  readonly identifiers: readonly Identifier[];
  /** A change of something, of any kind. */
  some(): Wish;
  registration(identifiers: readonly Identifier[]): Wish;
  update(memberId: string): Wish;
  /** Another body under the key of a wish: a caller's mistake. */
  mistaken(wish: Wish): Wish;
  /** Mostly a member that is active, of the last few. */
  someMember(): string | null;
}

const nothingDone: WriteOutcome = { kind: 'no-such-member' };

type Ask = (writer: MemberWriter, request: WriteRequest, deadline: Deadline) => Promise<WriteOutcome>;

/** @param isRotating whether operators refresh members, too */
export function makeWishes(random: Randomness, plan: Plan, truth: Truth, isRotating: boolean): Wishes {
  const numbered = (count: number): readonly string[] =>
    Array.from({ length: count }, (_, index) => String(index + 1));
  const identifiers: readonly Identifier[] = [
    ...numbered(plan.phones).map((value) => ({ kind: 'phone', value }) as const),
    ...numbered(plan.cards).map((value) => ({ kind: 'cardNo', value }) as const),
  ];
  let keys = 0;

  const withRequest = (wish: Omit<Wish, 'receipt' | 'ask'>, ask: Ask): Wish => ({
    ...wish,
    receipt: null,
    ask: ({ writer, clock }) => ask(writer, wish.request, deadlineAfter(clock, writeDeadlineMs)),
  });
  const wishFor = (
    [op, what, details = {}]: readonly [Wish['op'], string, Wish['details']?],
    memberId: string | null,
    wanted: readonly Identifier[],
    ask: Ask,
  ): Wish => {
    const request = { caller: 'orders', idempotencyKey: `k${++keys}`, requestHash: what };
    return withRequest({ what: `${what} (k${keys})`, op, details, memberId, wanted, request }, ask);
  };

  const registration = (wanted: readonly Identifier[]): Wish =>
    wishFor(
      ['register', `registers ${wanted.map(keyOf).join(' ')}`],
      null,
      wanted,
      (writer, request, deadline) =>
        writer.register({ name: request.idempotencyKey, identifiers: wanted }, request, deadline),
    );

  const someIdentifiers = (): readonly Identifier[] => {
    const first = random.pick(identifiers);
    const second = random.pick(identifiers);
    return first.kind === second.kind || random.chance(0.5) ? [first] : [first, second];
  };

  const someMember = (): string | null => {
    const all = [...truth.members.keys()].slice(-12);
    const active = all.filter((memberId) => truth.members.get(memberId)?.member.status === 'active');
    if (active.length > 0 && random.chance(0.9)) return random.pick(active);
    return all.length > 0 ? random.pick(all) : null;
  };

  const update = (memberId: string, ifMatch: number | null = null): Wish => {
    const level = random.below(100);
    const told = ['update', `updates ${memberId} to ${level}`, { level, ifMatch }] as const;
    return wishFor(told, memberId, [], (writer, request, deadline) =>
      writer.update(memberId, { level }, ifMatch, request, deadline),
    );
  };

  /** Asks the process for what its own keyring wants; having nothing to do counts as nothing done. */
  const refresh = (memberId: string): Wish => {
    const step = random.chance(0.6) ? 'take' : 'free';
    const told = ['update', `refreshes ${memberId} (${step})`, { refresh: step }] as const;
    const wish = wishFor(told, memberId, [], async () => nothingDone);
    return {
      ...wish,
      async ask({ refresh: ask, clock }) {
        const outcome = await ask(memberId, step, wish.request, deadlineAfter(clock, writeDeadlineMs));
        return outcome.kind === 'current' || outcome.kind === 'behind' ? nothingDone : outcome;
      },
    };
  };

  const change = (memberId: string): Wish => {
    if (isRotating && random.chance(0.25)) return refresh(memberId);
    const { holdings = [], version = null } = truth.members.get(memberId)?.member ?? {};
    const identifier = random.pick(identifiers);
    const drawn = random.fraction();
    if (drawn < 0.25) {
      const what = `binds ${keyOf(identifier)} to ${memberId}`;
      return wishFor(['bind', what], memberId, [identifier], (writer, request, deadline) =>
        writer.bind(memberId, identifier, request, deadline),
      );
    }
    if (drawn < 0.55) {
      const field = fieldOf(holdings.length > 0 ? random.pick(holdings).identifier : identifier);
      const told = ['unbind', `unbinds ${field} of ${memberId}`, { field }] as const;
      return wishFor(told, memberId, [], (writer, request, deadline) =>
        writer.unbind(memberId, field, request, deadline),
      );
    }
    if (drawn < 0.68) {
      return wishFor(['cancel', `cancels ${memberId}`], memberId, [], (writer, request, deadline) =>
        writer.cancel(memberId, request, deadline),
      );
    }
    return update(memberId, random.chance(0.3) ? version : null);
  };

  return {
    identifiers,
    registration,
    update,
    someMember,
    some() {
      const memberId = someMember();
      return memberId === null || random.chance(0.22) ? registration(someIdentifiers()) : change(memberId);
    },
    mistaken({ memberId, request: { idempotencyKey } }) {
      const what = `mistakes ${idempotencyKey}`;
      const request = { caller: 'orders', idempotencyKey, requestHash: what };
      const wanted = [random.pick(identifiers)];
      const op = memberId === null ? 'register' : 'update';
      const told = { what, op, details: { mistaken: true }, memberId, wanted, request } as const;
      return withRequest(told, (writer, _, deadline) =>
        memberId === null
          ? writer.register({ name: what, identifiers: wanted }, request, deadline)
          : writer.update(memberId, { name: what }, null, request, deadline),
      );
    },
  };
}
