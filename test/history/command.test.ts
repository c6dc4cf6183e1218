import { describe, expect, it } from 'vitest';
import type { PastChange } from '../../functions/core/member/history.ts';
import { Misused, readOptions } from '../../scripts/history/options.ts';
import { told } from '../../scripts/history/told.ts';

const memberId = '01890a5d-ac96-774b-bcce-b302099a8057';

describe('the options', () => {
  it('are a member and what is wanted of its life', () => {
    expect(readOptions([memberId.toUpperCase()])).toEqual({
      memberId,
      isJson: false,
      limit: 100,
      afterVersion: 0,
    });
    expect(readOptions(['--json', '--limit', '1000', memberId, '--after', '4294967297'])).toEqual({
      memberId,
      isJson: true,
      limit: 1000,
      afterVersion: 4294967297,
    });
    expect(readOptions(['--help'])).toBe('help');
  });

  it.each([
    [],
    ['+8613800000001'],
    [`${memberId}0`],
    [memberId, memberId],
    [memberId, '--limit', '0'],
    [memberId, '--limit', '1001'],
    [memberId, '--after', '-1'],
    [memberId, '--what'],
  ])('are refused when they are %j', (...args) => {
    expect(() => readOptions(args.flat())).toThrow(Misused);
  });
});

describe('a life as text', () => {
  const change: PastChange = {
    version: 4294967298,
    epoch: 1,
    at: '2026-01-02T03:04:05.678Z',
    operation: 'bind',
    caller: 'orders',
    reason: 'customer-asked',
    idempotencyKey: 'key-2',
    changed: ['phone'],
    held: [{ field: 'phone', key: '1.abc' }],
    taken: [{ field: 'phone', key: '1.abc' }],
    freed: [],
  };
  const page = { source: 'writer', isFinal: true, changes: [change], unreadable: [], nextAfter: null };

  it('tells who did what, when and why', () => {
    expect(told(memberId, page).split('\n')).toEqual([
      `Member ${memberId}: 1 change, read at the writer.`,
      '',
      '2026-01-02T03:04:05.678Z  version 4294967298  epoch 1',
      '  bind by orders, reason: customer-asked',
      '  key      key-2',
      '  changed  phone',
      '  taken    phone  1.abc',
    ]);
  });

  it('says what may be missing, what it cannot read, and that there is more', () => {
    const old = { ...change, reason: null, changed: null, taken: [{ field: null, key: '1.abc' }] };
    const text = told(memberId, {
      source: 'replica:mysql-b-0',
      isFinal: false,
      changes: [old],
      unreadable: [9],
      nextAfter: 9,
    });
    for (const part of [
      'read at replica:mysql-b-0',
      'the newest changes may be missing',
      'reason: not kept then',
      'taken    1.abc',
      'version 9: of a format',
      '--after 9',
    ]) {
      expect(text).toContain(part);
    }
  });
});
