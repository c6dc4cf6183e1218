/** The database's part of a write, beside a bare transaction of two statements. */
import { createPool, type RowDataPacket } from 'mysql2/promise';
import { makeClusterControl } from '../../functions/adapters/mysql/cluster-control.ts';
import { connectionOptions, makeDatabase } from '../../functions/adapters/mysql/database.ts';
import { makeMysqlDirectory } from '../../functions/adapters/mysql/directory.ts';
import { makeMysqlMemberStore } from '../../functions/adapters/mysql/member-store.ts';
import { makeOutbox } from '../../functions/adapters/mysql/outbox.ts';
import { makeMysqlRegistrations } from '../../functions/adapters/mysql/registrations.ts';
import { makeMysqlTokens } from '../../functions/adapters/mysql/tokens.ts';
import { deadlineAfter } from '../../functions/core/kernel/clock.ts';
import {
  type MemberWriter,
  type MemberWriterPorts,
  makeMemberWriter,
} from '../../functions/core/member/writer.ts';
import type { Sinks } from '../../functions/core/propagation/propagate.ts';
import { type Contender, type Measured, measure, named, ratio } from './measure.ts';
import { identifiersOf } from './members.ts';
import { rounded, type Section, sideBySide } from './section.ts';
import type { OperatorParts, Service } from './service.ts';

const callersMax = 16;
const membersACaller = 20;
const pace = { rounds: 5, roundMs: 600 };
const writeMs = 5_000;

/** As many as there are callers: what is compared is the work, not the waiting for a connection. */
const connectionsMax = callersMax;

export const writes: Section = {
  name: 'writes',
  about: 'the database’s part of an update and a registration beside a bare transaction',
  async run(service) {
    const { own } = service;
    const stores = openStores(service);
    const bare = await openBare(service);
    const database = makeMemberWriter({ ...own, ...stores.ports, ...withoutPropagation(own, stores.ports) });
    const whole = makeMemberWriter({ ...own, ...stores.ports });

    let serial = 0;
    const register = async (writer: MemberWriter): Promise<string> => {
      const index = serial++;
      const identifiers = identifiersOf('writes', index).slice(0, 2);
      const done = await writer.register(
        { name: `王小明 ${index}`, identifiers },
        requestOf(index),
        soon(own),
      );
      if (done.kind !== 'done') throw new Error(`a registration came to ${done.kind}`);
      return done.member.memberId;
    };
    const mine: string[][] = [];
    for (let caller = 0; caller < callersMax; caller++) {
      const ids: string[] = [];
      for (let at = 0; at < membersACaller; at++) ids.push(await register(database));
      mine.push(ids);
    }
    const update = async (writer: MemberWriter, caller: number): Promise<void> => {
      const index = serial++;
      const id = mine[caller]?.[index % membersACaller] ?? '';
      const done = await writer.update(id, { level: index % 100 }, null, requestOf(index), soon(own));
      if (done.kind !== 'done') throw new Error(`an update came to ${done.kind}`);
    };
    const contenders: Contender[] = [
      { name: 'bare transaction, two statements', request: (caller) => bare.transaction(caller) },
      { name: 'the same in one round trip', request: (caller) => bare.oneRoundTrip(caller) },
      { name: 'update, database', request: (caller) => update(database, caller) },
      { name: 'registration, database', request: () => register(database) },
      { name: 'update, with propagation', request: (caller) => update(whole, caller) },
      { name: 'registration, with propagation', request: () => register(whole) },
    ];
    const alone = await measure(contenders, 1, pace);
    const together = await measure(contenders, callersMax, pace);
    await Promise.all([bare.end(), stores.end()]);

    const versus = (all: readonly Measured[], name: string) =>
      ratio(named(all, name), named(all, 'bare transaction, two statements'));
    return {
      tables: [
        {
          title: 'A write',
          note: 'One MySQL, which syncs its log at every commit. Bare: `START TRANSACTION`, an `UPDATE` by key, an `INSERT`, `COMMIT`, one after the other through `mysql2`. "database": all that a write does in the database until it is committed, with deciding, sealing and hashing in between: an update reads and commits; a registration notes the request, reads, claims two identifiers, commits, and settles them. "with propagation": fences in both centres, the search document, the other centre’s journal, the queue, and striking off the outbox row what was delivered.',
          head: [
            '',
            '1 caller, /s',
            `${callersMax} callers, /s`,
            'ms (1)',
            `ms (${callersMax})`,
            'beside bare (1)',
            `beside bare (${callersMax})`,
          ],
          rows: sideBySide(alone, together, (name, single, many) => [
            1_000 / single.perSecond,
            (1_000 * callersMax) / many.perSecond,
            versus(alone, name),
            versus(together, name),
          ]),
        },
      ],
      json: {
        ratios: {
          updateVsTransaction: rounded(versus(together, 'update, database')),
          registerVsTransaction: rounded(versus(together, 'registration, database')),
        },
        propagationMilliseconds: {
          update: rounded(
            1_000 / named(alone, 'update, with propagation').perSecond -
              1_000 / named(alone, 'update, database').perSecond,
          ),
          registration: rounded(
            1_000 / named(alone, 'registration, with propagation').perSecond -
              1_000 / named(alone, 'registration, database').perSecond,
          ),
        },
      },
    };
  },
};

const soon = ({ clock }: OperatorParts) => deadlineAfter(clock, writeMs);

const requestOf = (index: number) => ({
  caller: 'orders',
  idempotencyKey: `bench-${index}`,
  requestHash: 'Y2FsbGVyIG9mIHRoZSBiZW5jaCwgYXMgbG9uZyBhcyBhIGhhc2g',
});

/**
 * The same sinks, by their names, that have everything at once: what is left is the database. The rows of the outbox lack
 * no fence either: a change brings along those of its member that do, which is propagation too.
 */
function withoutPropagation(
  { sinks }: OperatorParts,
  stores: Pick<OperatorParts['stores'], 'members' | 'outbox'>,
) {
  const nothing = async () => {};
  const fenced = (caches: Sinks['caches']['A']) =>
    Object.fromEntries(Object.entries(caches).map(([name, cache]) => [name, { ...cache, fence: nothing }]));
  const put = Object.entries(sinks.search).map(([name, at]) => {
    return [name, { ...at, cluster: { ...at.cluster, put: async () => 'put' as const } }] as const;
  });
  const journal = { ...sinks.journals.A, append: async () => 'appended' as const };
  const queue = { ...sinks.queues.A, send: nothing };
  const members: OperatorParts['stores']['members'] = {
    ...stores.members,
    commit: (commit, deadline) => {
      return stores.members.commit(
        { ...commit, sinks: commit.sinks.filter((sink) => !sink.startsWith('redis:')) },
        deadline,
      );
    },
  };
  return {
    sinks: {
      caches: { A: fenced(sinks.caches.A), B: fenced(sinks.caches.B) },
      search: Object.fromEntries(put),
      journals: { A: journal, B: journal },
      queues: { A: queue, B: queue },
    },
    members,
    outbox: { ...stores.outbox, delivered: nothing },
  } satisfies Pick<MemberWriterPorts, 'sinks' | 'members' | 'outbox'>;
}

/** The service's own, with as many connections as there are callers. */
function openStores({ own, databaseAddress }: Service) {
  const { sharding, clock } = own;
  const servers = sharding.clusters.map((cluster) => {
    const name = `database ${cluster}`;
    const writer = makeDatabase({ name, address: databaseAddress(), connectionsMax, clock });
    return [cluster, { writer, replicas: {} }] as const;
  });
  const clusters = Object.fromEntries(servers);
  return {
    ports: {
      members: makeMysqlMemberStore({ clusters, sharding }),
      registrations: makeMysqlRegistrations({ clusters, sharding }),
      directory: makeMysqlDirectory({ clusters, sharding }),
      tokens: makeMysqlTokens({ clusters, sharding }),
      outbox: makeOutbox({ clusters }),
      control: makeClusterControl({ clusters }),
    },
    end: () => Promise.all(servers.map(([, { writer }]) => writer.end())),
  };
}

async function openBare({ databaseAddress }: Service) {
  const rowsCount = callersMax * membersACaller;
  const text = 'x'.repeat(600);
  const pool = createPool({ ...connectionOptions(databaseAddress()), connectionLimit: connectionsMax });
  await pool.query('CREATE DATABASE IF NOT EXISTS bench');
  await pool.query(
    'CREATE TABLE bench.account (id INT PRIMARY KEY, version BIGINT, sealed TEXT) ENGINE = InnoDB',
  );
  await pool.query(
    'CREATE TABLE bench.change_log (id BIGINT AUTO_INCREMENT PRIMARY KEY, account INT, entry TEXT) ENGINE = InnoDB',
  );
  await pool.query('INSERT INTO bench.account (id, version, sealed) VALUES ?', [
    Array.from({ length: rowsCount }, (_, id) => [id, 0, text]),
  ]);
  const [rows] = await pool.query<RowDataPacket[]>('SELECT COUNT(*) AS count FROM bench.account');
  if (rows[0]?.count !== rowsCount) throw new Error('the bare table is not there');
  let turn = 0;
  const idOf = (caller: number) => caller * membersACaller + (turn++ % membersACaller);
  const update = 'UPDATE bench.account SET version = version + 1, sealed = ? WHERE id = ?';
  const insert = 'INSERT INTO bench.change_log (account, entry) VALUES (?, ?)';
  return {
    async transaction(caller: number): Promise<void> {
      const id = idOf(caller);
      const connection = await pool.getConnection();
      await connection.beginTransaction();
      await connection.query(update, [text, id]);
      await connection.query(insert, [id, text]);
      await connection.commit();
      connection.release();
    },
    async oneRoundTrip(caller: number): Promise<void> {
      const id = idOf(caller);
      await pool.query(`START TRANSACTION;${update};${insert};COMMIT`, [text, id, id, text]);
    },
    end: () => pool.end(),
  };
}
