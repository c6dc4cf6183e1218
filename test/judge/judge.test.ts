/** The judge itself: it accepts what a right service may answer, and finds each wrong history that is planted here. */
import { expect, test } from 'vitest';
import type { HistoryEntry } from '../../scripts/judge/history.ts';
import { judge } from '../../scripts/judge/judge.ts';

const phone = { kind: 'phone', hash: 'h1' };
const card = { kind: 'cardNo', hash: 'h2' };

/** An entry from `start` to `end`; what is not said is nothing. */
const entry = (
  start: number,
  end: number,
  op: HistoryEntry['op'],
  rest: Partial<HistoryEntry>,
): HistoryEntry => ({
  process: 'p1',
  op,
  centre: 'A',
  start,
  end,
  memberId: null,
  identifier: null,
  input: null,
  status: 200,
  version: null,
  durability: null,
  freshness: null,
  source: null,
  ...rest,
});
let keys = 0;
const registers = (
  start: number,
  end: number,
  memberId: string,
  version: number,
  rest: Partial<HistoryEntry> = {},
) =>
  entry(start, end, 'register', {
    memberId,
    version,
    status: 201,
    input: { key: `r${++keys}`, identifiers: [phone] },
    ...rest,
  });
const writes = (
  start: number,
  end: number,
  op: HistoryEntry['op'],
  version: number,
  rest: Partial<HistoryEntry> = {},
) => entry(start, end, op, { memberId: 'M1', version, input: { key: `w${++keys}` }, ...rest });
const unbinds = (start: number, end: number, memberId: string, version: number) =>
  writes(start, end, 'unbind', version, { memberId, input: { key: `u${++keys}`, field: 'phone' } });
const gets = (start: number, end: number, version: number | null, rest: Partial<HistoryEntry> = {}) =>
  entry(start, end, 'get', {
    memberId: 'M1',
    version,
    status: version === null ? 404 : 200,
    freshness: 'fresh',
    ...rest,
  });
const looksUp = (
  start: number,
  end: number,
  memberId: string | null,
  version: number | null,
  rest: Partial<HistoryEntry> = {},
) =>
  entry(start, end, 'lookup', {
    identifier: phone,
    memberId,
    version,
    status: version === null ? 404 : 200,
    freshness: 'fresh',
    ...rest,
  });

const found = (...history: readonly HistoryEntry[]): readonly string[] =>
  judge(history, { isFromEmpty: true }).faults.map(({ invariant, check }) => `${invariant} ${check}`);

test('a right history has no faults, and all of it is put in an order', () => {
  const history = [
    registers(0, 10, 'M1', 1),
    writes(20, 30, 'update', 2),
    looksUp(15, 25, 'M1', 1),
    looksUp(25, 35, 'M1', 2),
    unbinds(40, 50, 'M1', 3),
    looksUp(45, 55, 'M1', 2),
    looksUp(60, 65, null, null),
    registers(60, 70, 'M2', 4),
    writes(80, 90, 'cancel', 5),
    gets(95, 99, null),
    gets(95, 99, 2, { freshness: 'stale' }),
  ];
  expect(judge(history, { isFromEmpty: true })).toMatchObject({ faults: [], undecided: [], linearized: 3 });
});

test('two members get one identifier (I1)', () => {
  expect(found(registers(0, 10, 'M1', 1), registers(20, 30, 'M2', 2))).toEqual([
    'I1 identifiersAreLinearizable',
  ]);
  expect(found(registers(0, 10, 'M1', 1), unbinds(5, 40, 'M1', 2), registers(20, 30, 'M2', 3))).toEqual([]);
});

test('an identifier moves on below its version (I1)', () => {
  const moved = (version: number) => [
    registers(0, 10, 'M1', 7),
    unbinds(20, 30, 'M1', 8),
    registers(40, 50, 'M2', version),
  ];
  expect(found(...moved(9))).toEqual([]);
  expect(found(...moved(1))).toEqual(['I1 identifiersAreLinearizable']);
});

test('an unbinding that may never have happened explains a taking, and a lost one does so at any later time', () => {
  const lost = { status: 'timeout', version: null } as const;
  const unbinding = { ...unbinds(20, 30, 'M1', 0), ...lost };
  expect(found(registers(0, 10, 'M1', 1), unbinding, registers(900, 950, 'M2', 9))).toEqual([]);
  expect(found(registers(0, 10, 'M1', 1), registers(15, 18, 'M2', 9), unbinding)).toEqual([
    'I1 identifiersAreLinearizable',
  ]);
  // A refusal is no such thing: it changed nothing.
  const refused = { ...unbinding, status: 409, code: 'version-conflict' } as const;
  expect(found(registers(0, 10, 'M1', 1), refused, registers(900, 950, 'M2', 9))).toContain(
    'I1 identifiersAreLinearizable',
  );
});

test('refused as bound, while nobody can have held it (I1)', () => {
  const refused = registers(20, 30, '', 0, {
    memberId: null,
    version: null,
    status: 409,
    code: 'identifier-bound',
    fields: ['phone'],
  });
  expect(found(registers(0, 10, 'M1', 1), refused)).toEqual([]);
  expect(found(refused)).toEqual(['I1 identifiersAreLinearizable']);
  expect(found(refused, registers(50, 60, 'M1', 1))).toEqual(['I1 identifiersAreLinearizable']);
});

test('an acknowledged write has no place among the others (I3)', () => {
  expect(found(registers(0, 10, 'M1', 5), writes(20, 30, 'update', 5))).toContain(
    'I3 membersAreLinearizable',
  );
  expect(found(registers(0, 10, 'M1', 1), writes(20, 30, 'update', 3), writes(40, 50, 'update', 2))).toEqual([
    'I3 membersAreLinearizable',
  ]);
  expect(found(registers(0, 10, 'M1', 1), writes(20, 30, 'update', 3), writes(20, 50, 'update', 2))).toEqual(
    [],
  );
  expect(found(registers(0, 10, 'M1', 1), writes(20, 30, 'cancel', 2), writes(40, 50, 'update', 3))).toEqual([
    'I3 membersAreLinearizable',
  ]);
  expect(
    found(registers(0, 10, 'M1', 1), writes(20, 30, 'bind', 2, { identifier: { ...phone, hash: 'other' } })),
  ).toEqual(['I3 membersAreLinearizable']);
});

test('a lost update: two changed the same version (I3)', () => {
  const update = (version: number) =>
    writes(20, 90, 'update', version, { input: { key: `w${++keys}`, ifMatch: 1 } });
  expect(found(registers(0, 10, 'M1', 1), update(2))).toEqual([]);
  expect(found(registers(0, 10, 'M1', 1), update(2), update(3))).toEqual(['I3 membersAreLinearizable']);
});

test('a refusal that nothing explains (I3)', () => {
  const refused = (code: string, status: number, input = {}) =>
    writes(20, 30, 'update', 0, { version: null, status, code, input: { key: `w${++keys}`, ...input } });
  expect(found(registers(0, 10, 'M1', 1), refused('no-such-member', 404))).toEqual([
    'I3 membersAreLinearizable',
  ]);
  expect(found(registers(0, 10, 'M1', 1), refused('version-conflict', 409, { ifMatch: 1 }))).toEqual([
    'I3 membersAreLinearizable',
  ]);
  const perhaps = writes(12, 15, 'update', 0, { version: null, status: 'timeout' });
  expect(found(registers(0, 10, 'M1', 1), perhaps, refused('version-conflict', 409, { ifMatch: 1 }))).toEqual(
    [],
  );
});

test('a version that only an update of unknown outcome can have made', () => {
  const perhaps = writes(12, 15, 'update', 0, { version: null, status: 'timeout' });
  const update = writes(20, 30, 'update', 3, { input: { key: `w${++keys}`, ifMatch: 2 } });
  expect(found(registers(0, 10, 'M1', 1), perhaps, update)).toEqual([]);
  expect(found(registers(0, 10, 'M1', 1), update)).toEqual(['I3 membersAreLinearizable']);
});

test('a repeat gets another receipt (I8), and the same one twice is one write', () => {
  const first = registers(0, 10, 'M1', 1);
  expect(found(first, { ...first, start: 20, end: 30 })).toEqual([]);
  expect(found(first, { ...first, start: 20, end: 30, version: 2 })).toEqual(['I8 oneReceipt']);
  expect(found(first, { ...first, start: 20, end: 30, memberId: 'M2' })).toContain('I8 oneReceipt');
});

test('stale passed off as fresh (I4)', () => {
  const two = [registers(0, 10, 'M1', 1), writes(20, 30, 'update', 2)];
  expect(found(...two, gets(31, 35, 1))).toEqual(['I4 noSilentStaleness']);
  expect(found(...two, gets(30, 35, 1))).toEqual([]);
  expect(found(...two, gets(31, 35, null))).toEqual(['I4 noSilentStaleness']);
  expect(found(...two, looksUp(31, 35, 'M1', 1))).toEqual(['I4 noSilentStaleness']);
  expect(found(...two, looksUp(31, 35, null, null))).toEqual(['I4 noSilentStaleness']);
  expect(found(...two, looksUp(31, 35, 'M1', 1, { freshness: 'stale' }))).toEqual([]);
});

test('older than its age says (I4)', () => {
  const ms = 1e6;
  const history = (ageMs: number) => [
    registers(0, 10 * ms, 'M1', 1),
    writes(20 * ms, 30 * ms, 'update', 2),
    gets(50 * ms, 55 * ms, 1, { freshness: 'bounded', ageMs }),
  ];
  expect(found(...history(19))).toEqual(['I4 noSilentStaleness']);
  expect(found(...history(21))).toEqual([]);
});

test('the last owner but one is answered as fresh (I4)', () => {
  const moved = [registers(0, 10, 'M1', 1), unbinds(20, 30, 'M1', 2), registers(40, 50, 'M2', 3)];
  expect(found(...moved, looksUp(60, 70, 'M2', 3))).toEqual([]);
  expect(found(...moved, looksUp(60, 70, 'M1', 1))).toEqual(['I4 noSilentStaleness']);
  expect(found(...moved, looksUp(60, 70, null, null))).toEqual(['I4 noSilentStaleness']);
});

test('strangers and inventions (I2)', () => {
  const one = registers(0, 10, 'M1', 1);
  const other = registers(0, 10, 'M2', 1, { input: { key: 'other', identifiers: [card] } });
  expect(found(one, other, looksUp(20, 30, 'M2', 1))).toEqual(['I2 noStranger']);
  expect(found(one, unbinds(20, 30, 'M1', 2), looksUp(40, 50, 'M1', 2, { freshness: 'stale' }))).toEqual([
    'I2 noStranger',
  ]);
  expect(found(one, gets(20, 30, 7))).toEqual(['I2 nothingInvented']);
  expect(found(one, writes(20, 30, 'cancel', 2), gets(40, 50, 2))).toEqual(['I2 nothingInvented']);
});

test('a member whose registration nobody saw succeed may be any', () => {
  const lost = registers(0, 10, '', 0, { memberId: null, version: null, status: 'timeout' });
  expect(found(lost, looksUp(20, 30, 'M9', 1), unbinds(40, 50, 'M9', 2), registers(60, 70, 'M2', 3))).toEqual(
    [],
  );
  expect(found(looksUp(20, 30, 'M9', 1))).toEqual(['I2 noStranger']);
});

test('what was there before the history is believed, unless the service was empty', () => {
  const history = [looksUp(20, 30, 'M9', 4), unbinds(40, 50, 'M9', 5), registers(60, 70, 'M2', 6)];
  expect(judge(history, { isFromEmpty: false }).faults).toEqual([]);
  expect(judge(history, { isFromEmpty: true }).faults).not.toEqual([]);
});
