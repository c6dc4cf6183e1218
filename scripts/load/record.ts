/**
 * The client's own record of what it wrote: the only truth that answers are judged by (`judge.ts`).
 *
 * A write is in flight from before it is sent until its answer has arrived, and in flight for ever when no answer ever
 * told what became of it. The client has at most one write of a member in flight, so a member's writes are in order.
 */

/** `phone`, `unionId`, `cardNo` or `account:PLATFORM`, as the API names what a member holds. */
export type Field = string;

export interface Content {
  readonly name: string;
  readonly level: number;
  readonly holdings: Readonly<Record<Field, string>>;
}

export interface Write {
  readonly startMs: number;
  /** When its answer had arrived; null while in flight. */
  endMs: number | null;
  /** Of the receipt; null while in flight. */
  version: number | null;
  /** The member after it; null once cancelled. */
  readonly after: Content | null;
}

export interface MemberLog {
  /** Null while the registration is in flight. */
  memberId: string | null;
  readonly writes: Write[];
}

export interface WriteRecord {
  beginRegistration(after: Content): { readonly log: MemberLog; readonly write: Write };
  begin(log: MemberLog, after: Content | null): Write;
  /** To be called as soon as the answer is there. */
  acknowledge(
    log: MemberLog,
    write: Write,
    receipt: { readonly memberId: string; readonly version: number },
  ): void;
  /** A definite refusal: the write never happened. */
  refuse(log: MemberLog, write: Write): void;
  byId(memberId: string): MemberLog | undefined;
  /** Everybody who ever held the value, or may have. */
  holdersOf(field: Field, value: string): readonly MemberLog[];
}

export function makeRecord(nowMs: () => number): WriteRecord {
  const byId = new Map<string, MemberLog>();
  const holders = new Map<string, Set<MemberLog>>();

  const begin = (log: MemberLog, after: Content | null): Write => {
    const write: Write = { startMs: nowMs(), endMs: null, version: null, after };
    log.writes.push(write);
    for (const [field, value] of Object.entries(after?.holdings ?? {})) {
      const name = `${field} ${value}`;
      const all = holders.get(name);
      if (all) all.add(log);
      else holders.set(name, new Set([log]));
    }
    return write;
  };

  return {
    begin,
    beginRegistration(after) {
      const log: MemberLog = { memberId: null, writes: [] };
      return { log, write: begin(log, after) };
    },
    acknowledge(log, write, { memberId, version }) {
      write.endMs = nowMs();
      write.version = version;
      log.memberId ??= memberId;
      byId.set(memberId, log);
    },
    refuse(log, write) {
      log.writes.splice(log.writes.indexOf(write), 1);
    },
    byId: (memberId) => byId.get(memberId),
    holdersOf: (field, value) => [...(holders.get(`${field} ${value}`) ?? [])],
  };
}

/** The member as last acknowledged; null when it was cancelled. */
export function standing(log: MemberLog): Content | null {
  return log.writes.findLast((write) => write.endMs !== null)?.after ?? null;
}
