import { beforeEach, describe, expect, test } from 'vitest';
import { nextVersion } from '../../../functions/core/failover/epoch.ts';
import type { Findings } from '../../../functions/core/search/reconcile.ts';
import { allSlots, makeReconciled } from './reconciled.ts';

let at: ReturnType<typeof makeReconciled>;
beforeEach(() => {
  at = makeReconciled();
  // Much that is equal, so that what differs has to be found.
  for (let index = 0; index < 50; index++) {
    at.row(`same-${index}`, 5, `k-same-${index}`);
    at.document(`same-${index}`, 5, `k-same-${index}`);
  }
});

async function compare(): Promise<Findings | 'stale-epoch'> {
  return at.reconcile(at.cluster, 1, allSlots, at.soon());
}
const found = (some: Partial<Findings>): Findings => ({
  differing: 0,
  mended: 0,
  touched: 0,
  failed: 0,
  ...some,
});
const bound = (memberId: string, version: number) => ({
  format: 1,
  state: 'bound',
  memberId,
  token: `t-${memberId}`,
  version,
});

const ofThisEpoch = nextVersion(1, []);

test('nothing is found, and nothing written, where all is equal', async () => {
  expect(await compare()).toEqual(found({}));
});

describe("a member's document", () => {
  test.each([
    ['is absent', () => {}],
    ['is older', () => at.document('x', 6)],
    [
      'has another content at the same version',
      () => at.state.members.set('x', { format: 1, ...at.memberAt('x', 7), sealed: 'other' }),
    ],
    ['is damaged', () => at.state.members.set('x', { format: 1, version: 4 } as never)],
  ])('that %s is written as the row says', async (why, make) => {
    at.row('x', 7);
    make();
    // By version alone the content is the same: only a real difference of versions is listed.
    const isListed = !why.includes('content');
    expect(await compare()).toEqual(isListed ? found({ differing: 1, mended: 1 }) : found({}));
    if (isListed) expect(at.state.members.get('x')).toEqual({ format: 1, ...at.memberAt('x', 7) });
    expect(await compare()).toEqual(found({}));
  });

  test('that is newer than its row makes the member be touched, above it', async () => {
    at.row('x', 7);
    at.document('x', 9);
    expect(await compare()).toEqual(found({ differing: 1, touched: 1 }));
    expect(at.touches).toEqual([['x', 9]]);
    expect(at.state.members.get('x')?.version).toBe(9);
  });

  test('of a member that the database has nothing of goes', async () => {
    at.document('ghost', 9, 'k-ghost');
    expect(await compare()).toEqual(found({ differing: 2, mended: 2 }));
    expect(at.state.members.has('ghost') || at.state.identifiers.has('k-ghost')).toBe(false);
  });

  test('of an epoch that never was goes, and is written anew', async () => {
    at.row('x', 7);
    at.document('x', Number.MAX_SAFE_INTEGER);
    expect(await compare()).toEqual(found({ differing: 1, mended: 1 }));
    expect(await compare()).toEqual(found({ differing: 1, mended: 1 }));
    expect(at.state.members.get('x')).toEqual({ format: 1, ...at.memberAt('x', 7) });
    expect(at.touches).toEqual([]);
  });
});

describe("an identifier's document", () => {
  beforeEach(() => {
    at.row('x', 7);
    at.document('x', 7);
  });

  test('that is absent, free or of another member is written as the row says', async () => {
    for (const key of ['k-absent', 'k-free', 'k-other']) at.bound(key, 'x', 7);
    at.state.identifiers.set('k-free', { format: 1, state: 'free', version: 3 });
    at.state.identifiers.set('k-other', {
      format: 1,
      state: 'bound',
      memberId: 'same-1',
      token: 't',
      version: 6,
    });
    expect(await compare()).toEqual(found({ differing: 3, mended: 3 }));
    for (const key of ['k-absent', 'k-free', 'k-other'])
      expect(at.state.identifiers.get(key)).toEqual(bound('x', 7));
  });

  test('that is newer than its row is written over at its own version', async () => {
    at.bound('k', 'x', 7);
    at.state.identifiers.set('k', {
      format: 1,
      state: 'bound',
      memberId: 'same-1',
      token: 'lost',
      version: 9,
    });
    expect(await compare()).toEqual(found({ differing: 1, mended: 1 }));
    expect(at.state.identifiers.get('k')).toEqual(bound('x', 9));
    expect(await compare()).toEqual(found({}));
  });

  test('that is newer than its row, and of this epoch, is right: the row follows later', async () => {
    at.bound('k-let-go', 'x', 7);
    at.bound('k-taken', 'x', 7);
    const free = { format: 1, state: 'free', version: ofThisEpoch } as const;
    const taken = { ...bound('same-1', ofThisEpoch), state: 'bound', format: 1 } as const;
    at.state.identifiers.set('k-let-go', free);
    at.state.identifiers.set('k-taken', taken);
    expect(await compare()).toEqual(found({}));
    expect(at.state.identifiers.get('k-let-go')).toEqual(free);
    expect(at.state.identifiers.get('k-taken')).toEqual(taken);
  });

  test('that names somebody though the row is free becomes a tombstone, at the newer of both versions', async () => {
    at.bound('k-older', 'x', 8, 'free');
    at.bound('k-newer', 'x', 3, 'free');
    at.state.identifiers.set('k-older', bound('x', 7) as never);
    at.state.identifiers.set('k-newer', bound('x', 5) as never);
    expect(await compare()).toEqual(found({ differing: 2, mended: 2 }));
    expect(at.state.identifiers.get('k-older')).toEqual({ format: 1, state: 'free', version: 8 });
    expect(at.state.identifiers.get('k-newer')).toEqual({ format: 1, state: 'free', version: 5 });
  });

  test('that names the claimer of its row is left alone: the claim decides', async () => {
    at.bound('k', 'x', 8, 'claimed');
    at.state.identifiers.set('k', bound('x', 8) as never);
    expect(await compare()).toEqual(found({}));
    expect(at.state.identifiers.get('k')).toEqual(bound('x', 8));
  });

  test('that names somebody before the claimer becomes a tombstone, which the claimer can write over', async () => {
    at.bound('k', 'x', 8, 'claimed');
    at.state.identifiers.set('k', bound('same-1', 7) as never);
    expect(await compare()).toEqual(found({ differing: 1, mended: 1 }));
    expect(at.state.identifiers.get('k')).toEqual({ format: 1, state: 'free', version: 7 });
    expect(await compare()).toEqual(found({}));
  });

  test('a row that is free at a provisional version is no difference', async () => {
    at.bound('k', 'x', 4, 'free');
    expect(await compare()).toEqual(found({}));
  });
});

describe('what changes meanwhile', () => {
  test('a change that is on its way is brought along, and is no difference', async () => {
    at.row('x', 7, 'k');
    at.onItsWay('x', 7);
    expect(await compare()).toEqual(found({}));
    expect(at.state.members.get('x')?.version).toBe(7);
    expect(at.state.identifiers.get('k')).toEqual(bound('x', 7));
  });

  test('what is put after the row was read stays', async () => {
    at.row('x', 7);
    let isPut = false;
    at.setTurn(async () => {
      if (isPut || at.state.members.has('x')) return;
      isPut = true;
      at.row('x', 8);
      at.document('x', 8);
    });
    await compare();
    expect(at.state.members.get('x')?.version).toBe(8);
    expect(at.touches).toEqual([]);
  });

  test('a cluster that is closed to the epoch takes nothing', async () => {
    at.row('x', 7);
    at.state.epoch = 2;
    expect(await compare()).toBe('stale-epoch');
    expect(at.state.members.has('x')).toBe(false);
  });
});
