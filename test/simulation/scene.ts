/** A truth and engines to break by hand, for the tests of the checks. */
import type { Holding, Member, Receipt } from '../../functions/core/member/member.ts';
import type { MemberEvent } from '../../functions/core/propagation/event.ts';
import { sampleEvent } from '../adapters/sample-events.ts';
import { makeCheapSealer } from './cheap-crypto.ts';
import { makeEngines, sharding } from './engines.ts';
import { makeRandomness } from './random.ts';
import { makeScheduler } from './scheduler.ts';
import { makeTruth } from './truth.ts';

export const epoch = 2 ** 32;

export type Scene = ReturnType<typeof makeScene>;

export function makeScene() {
  const sealer = makeCheapSealer();
  let nowMs = 0;
  const truth = makeTruth(sealer, () => nowMs);
  const engines = makeEngines(makeScheduler(), makeRandomness(1), 'any');

  const memberOf = (
    memberId: string,
    change: number,
    held: readonly string[],
    status: Member['status'] = 'active',
  ): Member => ({
    memberId,
    version: epoch + change,
    status,
    name: '',
    level: 0,
    createdAt: '',
    updatedAt: '',
    holdings: held.map(
      (one): Holding => ({
        identifier: { kind: 'phone', value: one },
        key: one,
        token: `t-${memberId}-${one}`,
      }),
    ),
  });
  const eventOf = (
    member: Member,
    request: string,
    operation: MemberEvent['history']['operation'],
  ): MemberEvent => {
    const { memberId, version, status } = member;
    const event = sampleEvent({ memberId, version });
    return {
      ...event,
      member: { memberId, version, status, sealed: sealer.seal(member) },
      history: { ...event.history, operation },
      idempotency: {
        caller: 'orders',
        key: request,
        requestHash: '',
        receipt: { memberId, version, epoch: 1 },
      },
    };
  };
  /** Commits in the truth and in the rows, with its directory rows bound and its documents put. */
  const commit = (
    memberId: string,
    change: number,
    held: readonly string[],
    request = `k${memberId}${change}`,
    operation: MemberEvent['history']['operation'] = 'update',
  ) => {
    const event = eventOf(memberOf(memberId, change, held), request, operation);
    const databaseCluster = sharding.clusterOf(memberId);
    engines.clusters[databaseCluster]?.writer.member.set(memberId, event.member);
    for (const { members } of Object.values(engines.search))
      members.set(memberId, { format: 1, ...event.member });
    for (const one of held) {
      const row = {
        key: one,
        state: 'bound',
        token: `t-${memberId}-${one}`,
        memberId,
        version: event.version,
        claimEndsMs: 0,
      } as const;
      engines.clusters[sharding.clusterOf(one)]?.writer.directory.set(one, row);
      for (const { identifiers } of Object.values(engines.search))
        identifiers.set(one, { format: 1, ...row });
    }
    return truth.committed(databaseCluster, event);
  };
  const receipt = (memberId: string, change: number): Receipt => ({
    memberId,
    version: epoch + change,
    epoch: 1,
    durability: 'both-centres',
  });
  return {
    sealer,
    truth,
    engines,
    memberOf,
    commit,
    receipt,
    pass(ms: number): void {
      nowMs += ms;
    },
    now: () => nowMs,
  };
}

export const invariantOf = (found: { readonly invariant: string } | null): string | null =>
  found?.invariant ?? null;
