/**
 * The writes of the mix, as little programs of one or more steps: a step is taken, and the next one when the mix is due
 * for a write again. In between, reads meet members half-way: moved from, not yet moved to; cancelled, not yet back.
 */
import { identifierBody } from './api-client.ts';
import { nameOf, type Seat } from './population.ts';
import { below, oneOf, type Random } from './random.ts';
import type { Content, MemberLog } from './record.ts';
import { current, type WriteRequest } from './writes.ts';

/** A seat as the run has it. */
export interface Occupied {
  readonly seat: Seat;
  /** Of its member, or of the one that was cancelled last. */
  log: MemberLog;
  /** Of members of this seat that were cancelled. */
  readonly former: MemberLog[];
  generation: number;
  /** A program is at work on it, or one went wrong and left it in doubt for ever. */
  taken: boolean;
}

export interface Step {
  readonly at: Occupied;
  /** Null registers a new member. */
  readonly log: MemberLog | null;
  readonly request: WriteRequest;
}

export type Program = Generator<Step, void, void>;

const pathOf = ({ log }: Occupied): string => `/v1/members/${log.memberId}`;

export function registration(
  { seat, generation }: Pick<Occupied, 'seat' | 'generation'>,
  holdings: Content['holdings'],
): WriteRequest {
  const name = nameOf(seat, generation);
  const accounts = Object.entries(holdings)
    .filter(([field]) => field.startsWith('account:'))
    .map(([field, accountId]) => ({ platform: field.slice('account:'.length), accountId }));
  const single = Object.entries(holdings).filter(([field]) => !field.startsWith('account:'));
  const body = { name, accounts, ...Object.fromEntries(single) };
  return { kind: 'register', method: 'POST', path: '/v1/members', body, after: { name, level: 0, holdings } };
}

function bind(at: Occupied, field: string, value: string): Step {
  const content = current(at.log);
  const after = { ...content, holdings: { ...content.holdings, [field]: value } };
  const body = identifierBody(field, value);
  return {
    at,
    log: at.log,
    request: { kind: 'bind', method: 'POST', path: `${pathOf(at)}/bindings`, body, after },
  };
}

function unbind(at: Occupied, field: string): Step {
  const content = current(at.log);
  const { [field]: _, ...holdings } = content.holdings;
  const path = `${pathOf(at)}/bindings/${field}`;
  return {
    at,
    log: at.log,
    request: { kind: 'unbind', method: 'DELETE', path, after: { ...content, holdings } },
  };
}

/** A new name, level, or both. */
export function* update(at: Occupied, random: Random): Program {
  const content = current(at.log);
  const body: { name?: string; level?: number } = {};
  const what = below(3, random);
  if (what !== 0) body.name = nameOf(at.seat, ++at.generation);
  if (what !== 1) body.level = below(100, random);
  const after = { ...content, ...body };
  yield { at, log: at.log, request: { kind: 'update', method: 'PATCH', path: pathOf(at), body, after } };
}

/** Takes away something it holds, or gives it back. */
export function* toggle(at: Occupied, random: Random): Program {
  const { holdings, spare } = at.seat;
  const own = Object.entries(holdings).filter(([field]) => field !== 'account:tongcheng-app');
  const [field, value] = oneOf([...own, [spare.field, spare.value] as const], random);
  const held = current(at.log).holdings[field];
  yield held === undefined ? bind(at, field, value) : unbind(at, field);
}

/** An identifier goes from one member to another, and back. */
export function* move(from: Occupied, to: Occupied, random: Random): Program {
  const movable = Object.keys(current(from.log).holdings).filter(
    (field) => field !== 'account:tongcheng-app',
  );
  if (movable.length === 0) return;
  const field = oneOf(movable, random);
  const value = current(from.log).holdings[field] ?? '';
  const displaced = current(to.log).holdings[field];
  yield unbind(from, field);
  if (displaced !== undefined) yield unbind(to, field);
  yield bind(to, field, value);
  yield unbind(to, field);
  yield bind(from, field, value);
  if (displaced !== undefined) yield bind(to, field, displaced);
}

/** The member goes for ever, and somebody new registers with what it held. */
export function* replace(at: Occupied): Program {
  const { holdings } = current(at.log);
  yield { at, log: at.log, request: { kind: 'cancel', method: 'DELETE', path: pathOf(at), after: null } };
  at.former.push(at.log);
  at.generation += 1;
  yield { at, log: null, request: registration(at, holdings) };
}
