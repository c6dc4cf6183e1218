import type { Plant } from './plant.ts';

export const idempotencyApart: Plant = {
  name: 'idempotency-apart',
  what: 'The idempotency record is written after the commit, by a statement of its own.',
  invariants: ['I8'],
  isRare: true,
  patches: [
    {
      file: 'functions/adapters/memory/member-store.ts',
      find: `  tables.idempotency.set(recordKey(idempotency.caller, idempotency.key, memberId), {
    ...idempotency,
    committedAtMs: nowMs,
  });
`,
      replace: '  void idempotency;\n',
    },
    {
      file: 'functions/adapters/memory/member-store.ts',
      find: "      await turn('between', cluster.name);\n      const nowMs = cluster.clock.nowMs();\n      const stands = isWriter(cluster.writer, nowMs, [], commit.event.epoch);\n",
      replace: `      await turn('before', cluster.name);
      const { idempotency, memberId } = commit.event;
      commitTo(cluster, (tables, committedAtMs) =>
        tables.idempotency.set(recordKey(idempotency.caller, idempotency.key, memberId), { ...idempotency, committedAtMs }));
      const nowMs = cluster.clock.nowMs();
      const stands = isWriter(cluster.writer, nowMs, [], commit.event.epoch);
`,
    },
  ],
};
