import { describe, expect, it } from 'vitest';
import { historyEntryOf, pastChangeOf } from '../../../functions/core/member/history.ts';
import type { Identifier } from '../../../functions/core/member/identifiers.ts';
import {
  type Change,
  decideBind,
  decideCancel,
  decideRefresh,
  decideRegister,
  decideUnbind,
  decideUpdate,
  type Holding,
  type Member,
} from '../../../functions/core/member/member.ts';

const holding = (identifier: Identifier): Holding => ({
  identifier,
  key: `key-of-${identifier.kind}`,
  token: `token-of-${identifier.kind}`,
});
const phone = holding({ kind: 'phone', value: '+8613800000001' });
const account = holding({ kind: 'account', platform: 'elong-app', value: 'el-1' });
const now = '2026-01-02T03:04:05.678Z';
const request = { caller: 'orders', idempotencyKey: 'key-1', requestHash: 'hash' };

const registered = decideRegister('m-1', '王小明', [phone, account], now);
const member: Member = { ...registered.after, version: 2 ** 32 + 1, level: 3 };
const entryOf = (change: Change, reason?: string | null) =>
  historyEntryOf(change, { ...change.after, version: 2 ** 32 + 2 }, 1, now, {
    ...request,
    ...(reason !== undefined && { reason }),
  });

const past = {
  phone: { field: 'phone', key: 'key-of-phone' },
  account: { field: 'account:elong-app', key: 'key-of-account' },
};

describe('what a commit writes', () => {
  it('of a registration: everything that the member has', () => {
    expect(entryOf(registered)).toEqual({
      format: 2,
      epoch: 1,
      at: now,
      operation: 'register',
      caller: 'orders',
      reason: 'registration',
      idempotencyKey: 'key-1',
      changed: ['status', 'name', 'level', 'phone', 'account:elong-app'],
      held: [past.phone, past.account],
      taken: [past.phone, past.account],
      freed: [],
    });
  });

  it.each([
    ['both', { name: 'Ann', level: 4 }, ['name', 'level']],
    ['one', { level: 4 }, ['level']],
    ['what it was before', { name: '王小明', level: 3 }, []],
  ])('of an update to %s: the names of what is another than before', (_, profile, changed) => {
    expect(entryOf(decideUpdate(member, profile, now))).toMatchObject({
      operation: 'update',
      reason: 'update',
      changed,
      held: [past.phone, past.account],
      taken: [],
      freed: [],
    });
  });

  it('of a binding, an unbinding and a cancellation: which identifiers came and went', () => {
    const without = { ...member, holdings: [account] };
    expect(entryOf(decideBind(without, [phone], now))).toMatchObject({
      reason: 'binding',
      changed: ['phone'],
      held: [past.account, past.phone],
      taken: [past.phone],
      freed: [],
    });
    expect(entryOf(decideUnbind(member, [account], now))).toMatchObject({
      reason: 'unbinding',
      changed: ['account:elong-app'],
      held: [past.phone],
      taken: [],
      freed: [past.account],
    });
    expect(entryOf(decideCancel(member, now))).toMatchObject({
      reason: 'cancellation',
      changed: ['status', 'name', 'level', 'phone', 'account:elong-app'],
      held: [],
      taken: [],
      freed: [past.phone, past.account],
    });
  });

  it('of a member written down under other keys: the keys, and that nothing of it has changed', () => {
    const under2 = { ...phone, key: '2.key-of-phone', token: 'token-2' };
    expect(entryOf(decideRefresh(member, [under2], [phone]))).toMatchObject({
      operation: 'refresh',
      reason: 'key-rotation',
      changed: [],
      held: [past.account, { field: 'phone', key: '2.key-of-phone' }],
      taken: [{ field: 'phone', key: '2.key-of-phone' }],
      freed: [past.phone],
    });
  });

  it('the caller’s reason, if it gave one', () => {
    const update = decideUpdate(member, { level: 9 }, now);
    expect(entryOf(update, 'tier-review').reason).toBe('tier-review');
    expect(entryOf(update, null).reason).toBe('update');
  });

  it('no value of a member’s', () => {
    for (const change of [
      registered,
      decideUpdate(member, { name: 'Ann' }, now),
      decideCancel(member, now),
    ]) {
      expect(JSON.stringify(entryOf(change))).not.toMatch(/王小明|Ann|13800000001|el-1/);
    }
  });
});

describe('reading an entry', () => {
  it('gives what was written, with its version', () => {
    const { format, ...entry } = entryOf(registered);
    expect(format).toBe(2);
    expect(pastChangeOf(7, JSON.stringify({ format, ...entry }))).toEqual({ version: 7, ...entry });
  });

  it('takes those from before entries had a format', () => {
    const old = {
      caller: 'orders',
      operation: 'bind',
      idempotencyKey: 'key-1',
      at: now,
      taken: ['key-of-phone'],
      freed: [],
    };
    expect(pastChangeOf(2 * 2 ** 32 + 5, JSON.stringify(old))).toEqual({
      version: 2 * 2 ** 32 + 5,
      epoch: 2,
      at: now,
      operation: 'bind',
      caller: 'orders',
      reason: null,
      idempotencyKey: 'key-1',
      changed: null,
      held: null,
      taken: [{ field: null, key: 'key-of-phone' }],
      freed: [],
    });
  });

  it('makes nothing up of a newer format', () => {
    expect(pastChangeOf(7, '{"format":3,"what":"ever"}')).toBeNull();
  });
});
