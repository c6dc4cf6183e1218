import { describe, expect, it } from 'vitest';
import { type BodyParser, makeBodies } from '../../functions/runtime/api/schemas.ts';

const bodies = makeBodies(['tongcheng-app', 'elong-app']);
const account = { platform: 'elong-app', accountId: 'el-1' };
const registration = { name: 'Ann', accounts: [account] };

const faultsOf = (parser: BodyParser<unknown>, json: unknown) => {
  const parsed = parser(json);
  return 'faults' in parsed ? parsed.faults.map(({ path }) => path) : [];
};

describe('a name', () => {
  const nameOf = (name: unknown) => {
    const parsed = bodies.update({ name });
    return 'faults' in parsed ? parsed.faults : parsed.value.name;
  };

  it.each(['王', 'a'.repeat(100), '😀'.repeat(100), 'O’Neil', 'Þór', ' Ann', 'न\u200Dक'])(
    'takes %j',
    (name) => {
      expect(nameOf(name)).toBe(name);
    },
  );

  it('keeps one form of it', () => {
    expect(nameOf('e\u0301'.repeat(100))).toBe('\u00e9'.repeat(100));
  });

  it.each([
    '',
    'a'.repeat(101),
    '😀'.repeat(101),
    'a\nb',
    'a\u0000',
    'a\u0085',
    'a\u2028',
    '\ud800',
    '   ',
    null,
    5,
    ['a'],
  ])('refuses %j', (name) => {
    expect(nameOf(name)).toMatchObject([{ path: '/name' }]);
  });
});

describe('a level', () => {
  it.each([0, 99, -0])('takes %d', (level) => {
    expect(faultsOf(bodies.update, { level })).toEqual([]);
  });

  it.each([-1, 100, 1.5, '1', null, Number.NaN])('refuses %j', (level) => {
    expect(faultsOf(bodies.update, { level })).toEqual(['/level']);
  });
});

describe('an identifier', () => {
  it.each([
    ['phone', '+1234567'],
    ['phone', `+${'9'.repeat(15)}`],
    ['unionId', 'a'],
    ['unionId', 'oA_1.x:-'.repeat(8)],
    ['cardNo', '000000'],
    ['cardNo', '9'.repeat(20)],
  ])('%s takes %s', (kind, value) => {
    expect(faultsOf(bodies.identifier, { [kind]: value })).toEqual([]);
  });

  it.each([
    ['phone', '+123456'],
    ['phone', `+${'9'.repeat(16)}`],
    ['phone', '+0234567'],
    ['phone', '+1234567\n'],
    ['phone', '+１２３４５６７'],
    ['unionId', ''],
    ['unionId', 'a'.repeat(65)],
    ['unionId', 'a b'],
    ['unionId', 'é'],
    ['cardNo', '12345'],
    ['cardNo', '9'.repeat(21)],
    ['cardNo', 240001],
  ])('%s refuses %j', (kind, value) => {
    const parsed = bodies.identifier({ [kind]: value });
    expect(faultsOf(bodies.identifier, { [kind]: value })).toEqual([`/${kind}`]);
    if (value !== '') expect(JSON.stringify(parsed)).not.toContain(String(value));
  });
});

describe('a registration', () => {
  it('needs a name and accounts', () => {
    expect(faultsOf(bodies.register, {})).toEqual(['/name', '/accounts']);
  });

  it.each([
    ['no account', [], ['/accounts']],
    ['too many', [account, account, account], ['/accounts']],
    ['a platform twice', [account, { ...account, accountId: 'el-2' }], ['/accounts/1/platform']],
    ['a wrong second', [account, { platform: 'tongcheng-app', accountId: '' }], ['/accounts/1/accountId']],
    ['another property', [{ ...account, level: 1 }], ['/accounts/0/level']],
    ['no list', {}, ['/accounts']],
  ])('refuses accounts with %s', (_, accounts, paths) => {
    expect(faultsOf(bodies.register, { name: 'Ann', accounts })).toEqual(paths);
  });

  it('takes the most there can be', () => {
    const all = { ...registration, phone: '+8613800000001', unionId: 'u', cardNo: '240001' };
    const parsed = bodies.register(all);
    expect(parsed).toMatchObject({
      value: {
        identifiers: [{ kind: 'phone' }, { kind: 'unionId' }, { kind: 'cardNo' }, { kind: 'account' }],
      },
    });
  });

  it.each(['level', 'memberId', '__proto__', 'constructor'])('refuses the property %s', (name) => {
    const json = JSON.parse(`{"name":"Ann","accounts":[${JSON.stringify(account)}],"${name}":1}`) as unknown;
    expect(faultsOf(bodies.register, json)).toEqual([`/${name}`]);
  });

  it('does not repeat a property that looks like a value', () => {
    for (const name of ['+8613800000001', '8613800000001', 'o6_bmjrPTlm6_2sgVt7hMZOPfL2M']) {
      expect(faultsOf(bodies.register, { ...registration, [name]: 1 })).toEqual(['']);
    }
  });

  it.each([null, [], 'x', 5])('refuses %j in place of an object', (json) => {
    expect(faultsOf(bodies.register, json)).toEqual(['']);
  });
});

it('an update needs something to change', () => {
  expect(faultsOf(bodies.update, {})).toEqual(['']);
});
