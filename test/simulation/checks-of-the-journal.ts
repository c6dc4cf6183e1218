/** I3: what a receipt says is in both centres is there, and stays there until B alone could go on from it. */
import type { MemberEvent } from '../../functions/core/propagation/event.ts';
import { broken, type Violation } from './checks.ts';
import { type Engines, replicaNames, sharding } from './engines.ts';
import type { Committed, Truth } from './truth.ts';

type Change = Pick<MemberEvent, 'memberId' | 'version' | 'directory'>;

/** Whether every replica of B shows the change: the member, and each of its directory rows wherever they live. */
function isShownInB(engines: Engines, { memberId, version, directory }: Change): boolean {
  return replicaNames.B.every((replica) => {
    const at = (hashed: string) => engines.clusters[sharding.clusterOf(hashed)]?.replicas[replica]?.tables;
    return (
      (at(memberId)?.member.get(memberId)?.version ?? 0) >= version &&
      directory.every(({ key }) => (at(key)?.directory.get(key)?.version ?? 0) >= version)
    );
  });
}

/** A promotion would carry out whatever the journal holds: it holds nothing that was not committed. */
export function journalHoldsCommits(truth: Truth, event: MemberEvent): Violation | null {
  const { memberId, version } = event;
  if (truth.commitOf(memberId, version)?.event.member.sealed === event.member.sealed) return null;
  return broken(
    'I3',
    'journalHoldsCommits',
    `the journal has ${memberId} at ${version}, never committed so`,
    [memberId],
  );
}

/** An entry goes only when every replica that could be promoted shows its change. */
export function journalOutlastsReplicas(engines: Engines, event: MemberEvent): Violation | null {
  if (isShownInB(engines, event)) return null;
  const { memberId, version } = event;
  const message = `the journal let ${memberId} at ${version} go, and a replica of B lacks it`;
  return broken('I3', 'journalOutlastsReplicas', message, [
    memberId,
    ...event.directory.map(({ key }) => key),
  ]);
}

/** Were A lost now: everything that was acknowledged as `both-centres` is in B's journal, or in all its replicas. */
export function survivesLossOfA(engines: Engines, acknowledged: readonly Committed[]): Violation | null {
  const journaled = new Set(
    [...engines.journals.B.entries.values()].map(({ event }) => `${event.memberId} ${event.version}`),
  );
  for (const { event } of acknowledged) {
    const { memberId, version } = event;
    if (journaled.has(`${memberId} ${version}`) || isShownInB(engines, event)) continue;
    const message = `${memberId} at ${version} was acknowledged as in both centres, and B has no trace of it`;
    return broken('I3', 'survivesLossOfA', message, [memberId]);
  }
  return null;
}
