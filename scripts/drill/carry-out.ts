/** Carries out scenarios under load, one after the other, and waits after each until everything has settled. */
import { setTimeout as pause } from 'node:timers/promises';
import { waitUntilDrained } from '../../functions/core/propagation/drained.ts';
import { awaitGrants } from '../local/provision.ts';
import type { Carried, Span } from './judgement/spans.ts';
import type { Measured, Scenario, Stage } from './scenario.ts';

/** After a fault. The drill goes on after that, and says so. */
const settleWithinMs = 30_000;
const grantsWithinMs = 10_000;
/** Between two. */
const calmMs = 3_000;

export interface CarriedOut {
  readonly carried: Carried;
  readonly measured: Measured;
  /** Steps that could not be taken, with the reasons: the drill has failed by that, and goes on. */
  readonly notDone: readonly string[];
}

export async function carryOut(scenario: Scenario, stage: Stage): Promise<CarriedOut> {
  const { say } = stage;
  say(`${scenario.name}: ${scenario.fault}`);
  let measured: Measured = {};
  const notDone: string[] = [];
  const step = async (what: string, work: (() => Promise<unknown>) | undefined): Promise<Span> => {
    const startMs = performance.now();
    try {
      measured = { ...measured, ...((await work?.()) ?? {}) };
    } catch (error) {
      notDone.push(`${scenario.name} could not ${what}: ${(error as Error).message}`);
      say(`  could not ${what}: ${(error as Error).message}`);
    }
    return { startMs, endMs: performance.now() };
  };

  const { startMs } = await step('begin', async () => void (await scenario.begin(stage)));
  const meanwhile = await step('go on', scenario.during && (() => scenario.during?.(stage) ?? nothing));
  await pause(Math.max(0, scenario.seconds * 1000 - (performance.now() - startMs)));
  const { endMs } = await step('end', async () => void (await scenario.end(stage)));
  const withoutWriter = scenario.stopsWrites
    ? [{ startMs, endMs: scenario.during ? meanwhile.endMs : endMs }]
    : [];

  const settledAtMs = (await settled(stage)) ? performance.now() : null;
  if (scenario.after) withoutWriter.push(await step('return', () => scenario.after?.(stage) ?? nothing));
  await pause(calmMs);
  const back = settledAtMs === null ? 'not settled' : `settled after ${seconds(settledAtMs - endMs)}`;
  say(`  ${seconds(endMs - startMs)} of fault, ${back}`);
  const { name } = scenario;
  return {
    carried: { name, fault: { startMs, endMs }, settledAtMs, withoutWriter, endMs: performance.now() },
    measured,
    notDone,
  };
}

const nothing = Promise.resolve({});

/** All that was committed until now has arrived everywhere, and every Redis may be believed. */
async function settled({ say, parts, engines }: Stage): Promise<boolean> {
  const { sharding, stores, clock } = parts;
  const ports = { databaseClusters: sharding.clusters, ...stores, clock };
  const left = await waitUntilDrained(ports, settleWithinMs);
  const isGranted = await awaitGrants(engines, grantsWithinMs);
  if (left.length > 0) say(`  the outbox of ${left.join(' and ')} still holds older changes`);
  if (!isGranted) say('  some Redis has no grant');
  return left.length === 0 && isGranted;
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
