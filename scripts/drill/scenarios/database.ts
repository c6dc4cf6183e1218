import type { RowDataPacket } from 'mysql2/promise';
import { createConnection } from 'mysql2/promise';
import { REPLICA_NAMES } from '../../local/ports.ts';
import type { Scenario, Stage } from '../scenario.ts';
import { killed, restarted, stalled } from './engine.ts';

/** Says the same to every replica. */
async function tellReplicas({ engines }: Stage, sql: string): Promise<void> {
  await Promise.all(
    REPLICA_NAMES.map(async (replica) => {
      const connection = await createConnection({ uri: engines.adminUrl(replica), connectTimeout: 5_000 });
      try {
        await connection.query<RowDataPacket[]>(sql);
      } finally {
        connection.destroy();
      }
    }),
  );
}

export const databaseScenarios: readonly Scenario[] = [
  killed('mysql-b-0', {
    name: 'kill-replica',
    fault: 'kill -9 of a replica in B, back after 10 s',
    promises: 'it is left out; fences and journal entries stay until it shows everything again',
  }),
  {
    name: 'stop-replication',
    fault: 'no replica follows the writer for 10 s',
    promises: 'nothing old is served as fresh: fences have no end while a replica may answer below them',
    of: 'engine',
    seconds: 10,
    begin: (stage) => tellReplicas(stage, 'STOP SLAVE'),
    end: (stage) => tellReplicas(stage, 'START SLAVE'),
  },
  restarted('mysql-a', {
    name: 'restart-writer',
    fault: 'kill -9 of the writer, which its engine brings back at once',
    promises:
      'reads go on; writes are refused with Retry-After until it is back, and none is lost or done twice',
    stopsWrites: true,
  }),
  stalled('mysql-a', {
    name: 'stall-writer',
    fault: 'the writer stopped (SIGSTOP) for 8 s',
    promises: 'its leases end meanwhile: what it finishes when it goes on gets no receipt',
    stopsWrites: true,
    seconds: 8,
  }),
  stalled('journal-b', {
    name: 'stall-journal',
    fault: "the other centre's journal stopped (SIGSTOP) for 10 s",
    promises: 'writes are acknowledged as one-centre; leases to write are renewed by the witness',
  }),
  killed('aws-witness', {
    name: 'kill-witness',
    fault: 'kill -9 of the witness, back after 10 s',
    promises: "leases to write are renewed by the other centre's register: nobody notices",
  }),
  killed('aws-a', {
    name: 'kill-queue',
    fault: "kill -9 of A's queues and parameters, back after 10 s",
    promises: 'writes go on; the relay brings what the queue should have',
  }),
];
