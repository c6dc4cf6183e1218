import type { DirectoryChange, DirectoryRow } from '../../core/directory/directory.ts';
import type { Directory, MembersClaim, WriterRefused } from '../../core/directory/ports.ts';
import type { Deadline } from '../../core/kernel/clock.ts';
import { invariant } from '../../core/kernel/invariant.ts';
import type { Sharding } from '../../core/sharding/sharding.ts';
import { inParts, type Place, type PlacedInCluster, placeAll, placeOf, selectsMax } from './clusters.ts';
import type { DatabaseClusters, Row } from './database.ts';
import { writerGuard } from './guard.ts';
import { boundRows, replicaOf } from './plain-run.ts';
import { integer, oneOf, resultAt, text } from './rows.ts';
import { claimRows, readRows } from './statements/claim.ts';
import { versionsInDirectory } from './statements/directory-shown.ts';
import { settleRows } from './statements/settle.ts';
import { takeOverRow } from './statements/take-over.ts';
import { transact } from './transaction.ts';

const notTheWriter: WriterRefused = { kind: 'not-the-writer' };
const claimsMax = 20_000;
const ends = ['bound', 'free'] as const;

/** The directory in MySQL, each row in the slot of its key. */
export function makeMysqlDirectory(options: {
  readonly clusters: DatabaseClusters;
  readonly sharding: Sharding;
}): Directory {
  const { clusters, sharding } = options;

  const byCluster = <T extends { readonly key: string }>(items: readonly T[]) =>
    placeAll(clusters, sharding, items, ({ key }) => key);

  async function claimIn(
    { databaseCluster, writer, slots }: PlacedInCluster<MembersClaim>,
    claimMs: number,
    deadline: Deadline,
  ): Promise<readonly DirectoryRow[] | null> {
    const claiming = slots.map(({ schema, items }) => claimRows(schema, items, claimMs));
    const reading = inParts(slots.map(keysIn), selectsMax).map(readRows);
    const outcome = await transact(
      writer,
      { guard: guardOf(databaseCluster, slots), body: [...claiming, ...reading] },
      deadline,
    );
    if (outcome.kind === 'refused') return null;
    return outcome.body.slice(claiming.length).flatMap(({ rows }) => rows.map(directoryRowOf));
  }

  const claimMany: Directory['claimMany'] = async (claims, claimMs, deadline) => {
    invariant(claims.length <= claimsMax, `${claims.length} claims at once, more than ${claimsMax}`);
    const rows = new Map<string, DirectoryRow>();
    const refused = new Set<string>();
    for (const all of byCluster(claims)) {
      const slots = all.slots
        .map((slot) => ({ ...slot, items: slot.items.filter(({ memberId }) => !refused.has(memberId)) }))
        .filter(({ items }) => items.length > 0);
      if (slots.length === 0) continue;
      const answer = await claimIn({ ...all, slots }, claimMs, deadline);
      if (answer === null) return notTheWriter;
      for (const row of answer) rows.set(row.key, row);
      for (const { key, token, memberId } of slots.flatMap(({ items }) => items)) {
        const row = rows.get(key);
        invariant(row, 'a directory row that was just claimed is not there');
        if (row.token !== token) refused.add(memberId);
      }
    }
    return { kind: 'rows', rows: claims.map(({ key }) => rows.get(key) ?? null) };
  };

  return {
    claim: (memberId, claims, claimMs, deadline) =>
      claimMany(
        claims.map((claim) => ({ ...claim, memberId })),
        claimMs,
        deadline,
      ),
    claimMany,

    async takeOver(seen, memberId, claim, version, claimMs, deadline) {
      const { slot, schema, databaseCluster, writer } = placeOf(clusters, sharding, seen.key);
      const outcome = await transact(
        writer,
        {
          guard: writerGuard(databaseCluster, { slots: [slot] }),
          body: [takeOverRow(schema, seen, memberId, claim, version, claimMs)],
        },
        deadline,
      );
      if (outcome.kind === 'refused') return notTheWriter;
      return { kind: resultAt(outcome.body, 0).affectedRows === 1 ? 'taken' : 'changed' };
    },

    async settle(changes, version, deadline) {
      const outcomes = await Promise.all(
        byCluster<DirectoryChange>(changes).map(({ databaseCluster, writer, slots }) => {
          const body = slots.flatMap(({ schema, items }) =>
            ends
              .map((to) => ({ to, mine: items.filter((item) => item.to === to) }))
              .filter(({ mine }) => mine.length > 0)
              .map(({ to, mine }) => settleRows(schema, to, mine, version)),
          );
          return transact(writer, { guard: guardOf(databaseCluster, slots), body }, deadline);
        }),
      );
      return outcomes.some(({ kind }) => kind === 'refused') ? notTheWriter : { kind: 'settled' };
    },

    async shownBy(replica, wanted, deadline) {
      const shown = await Promise.all(
        byCluster(boundRows(wanted)).map(async ({ databaseCluster, slots }) => {
          const database = replicaOf(clusters, databaseCluster, replica);
          const results = await database.run(
            inParts(slots.map(keysIn), selectsMax).map(versionsInDirectory),
            deadline,
          );
          const versions = new Map(
            results.flatMap(({ rows }) =>
              rows.map((row) => [text(row, 'identifier_key'), integer(row, 'version')] as const),
            ),
          );
          return slots
            .flatMap(({ items }) => items)
            .filter(({ key, version }) => (versions.get(key) ?? 0) >= version);
        }),
      );
      return shown.flat();
    },
  };
}

const guardOf = (databaseCluster: string, slots: readonly { readonly slot: number }[]) =>
  writerGuard(databaseCluster, { slots: slots.map(({ slot }) => slot) });

const keysIn = ({ schema, items }: Place & { readonly items: readonly { readonly key: string }[] }) => ({
  schema,
  keys: items.map(({ key }) => key),
});

function directoryRowOf(row: Row): DirectoryRow {
  return {
    key: text(row, 'identifier_key'),
    state: oneOf(row, 'state', ['free', 'claimed', 'bound']),
    token: text(row, 'token'),
    memberId: text(row, 'member_id'),
    version: integer(row, 'version'),
    claimExpired: integer(row, 'claim_expired') === 1,
  };
}
