import { expect, it } from 'vitest';
import { eventOf } from '../../../functions/core/member/event-of.ts';
import { decideRegister } from '../../../functions/core/member/member.ts';

const at = '2026-01-02T03:04:05.000Z';
const change = decideRegister('m', 'Ann', [], at);
const member = { ...change.after, version: 1 };
const request = { caller: 'orders', idempotencyKey: 'k', requestHash: 'h' };
const eventWith = (given: object) => eventOf(change, member, 'sealed', 1, at, { ...request, ...given });

it('carries the span of the request that made it, and otherwise has the form it always had', () => {
  const trace = `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`;
  expect(eventWith({ trace })).toEqual({ ...eventWith({}), trace });
  expect(eventWith({})).not.toHaveProperty('trace');
});
