import { describe, expect, test } from 'vitest';
import { documentsOf, identifierEntryOf, storedMemberOf } from '../../../functions/core/search/search.ts';
import { sampleEvent } from '../../adapters/sample-events.ts';

const event = sampleEvent({
  memberId: 'x',
  version: 9,
  sealed: 'sealed',
  directory: [
    { key: 'phone', token: 't2', to: 'bound' },
    { key: 'card', token: 't1', to: 'free' },
  ],
  identifiers: [
    { key: 'union', token: 't0' },
    { key: 'phone', token: 't2' },
  ],
});

const member = {
  index: 'members',
  id: 'x',
  document: { format: 1, memberId: 'x', version: 9, status: 'active', sealed: 'sealed' },
};
const bound = (key: string, token: string) => ({
  index: 'identifiers',
  id: key,
  document: { format: 1, state: 'bound', memberId: 'x', token, version: 9 },
});
const card = { index: 'identifiers', id: 'card', document: { format: 1, state: 'free', version: 9 } };

describe('the documents of an event', () => {
  test('are its member, and the identifiers that it changed', () => {
    expect(documentsOf(event)).toEqual([member, bound('phone', 't2'), card]);
  });

  test('for a resync, are all identifiers that the member holds, and tombstones', () => {
    const documents = documentsOf(event, 'all');
    expect(documents).toHaveLength(4);
    expect(documents).toEqual(
      expect.arrayContaining([member, bound('union', 't0'), bound('phone', 't2'), card]),
    );
  });

  test('name nobody where an identifier was freed', () => {
    const tombstone = documentsOf(event).find(({ id }) => id === 'card');
    expect(JSON.stringify(tombstone?.document)).not.toMatch(/"x"|t1/);
  });

  test('are read back as what they say', () => {
    expect(storedMemberOf('x', member.document)).toEqual({
      memberId: 'x',
      version: 9,
      status: 'active',
      sealed: 'sealed',
    });
    expect(identifierEntryOf(bound('phone', 't2').document)).toEqual({
      state: 'bound',
      memberId: 'x',
      token: 't2',
      version: 9,
    });
    expect(identifierEntryOf(card.document)).toEqual({ state: 'free', memberId: '', token: '', version: 9 });
  });

  test.each([
    null,
    'text',
    {},
    { ...member.document, format: 2 },
    { ...member.document, version: '9' },
    { ...member.document, memberId: 'y' },
    { ...member.document, status: 'lost' },
    { ...member.document, sealed: null },
  ])('are no member when damaged: %j', (found) => {
    expect(storedMemberOf('x', found)).toBeUndefined();
  });

  test.each([
    null,
    { ...card.document, format: 0 },
    { ...card.document, version: 1.5 },
    { ...card.document, state: 'bound' },
    { ...bound('phone', 't2').document, token: 1 },
  ])('are no identifier when damaged: %j', (found) => {
    expect(identifierEntryOf(found)).toBeUndefined();
  });
});
