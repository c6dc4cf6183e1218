import { Duration, Stack } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { CentreName } from '../../functions/core/propagation/event.ts';
import { observerSchedule, relaySchedule } from '../../functions/runtime/schedules.ts';
import type { StageSettings } from '../centre.ts';
import { functionParts } from '../constructs/function-parts.ts';
import {
  grantGauge,
  grantSend,
  grantTopologies,
  grantUsual,
  grantWitness,
  nameQueues,
  nameWitness,
} from '../constructs/grants.ts';
import { MemberFunction } from '../constructs/member-function.ts';
import { stackName } from '../names.ts';
import { placeOf } from './keys.ts';

/** One that runs, its successor, and one more for a start that is tried again. */
const overlapping = 3;
/** A start that comes later is of no use: the next one is due. */
const startWithin = Duration.minutes(1);

/**
 * What keeps a centre's promises between requests: the relay (leases, grants, heartbeats, the outbox, and the topology
 * document, which it moves from the parameter store to the centre's Redis clusters), and the observer of consistency.
 */
export class RelayStack extends Stack {
  constructor(scope: Construct, settings: StageSettings, centre: CentreName) {
    super(scope, stackName(settings, 'relay', centre), placeOf(settings, centre));
    const shared = {
      settings,
      centre,
      lane: 'critical',
      environmentsMax: overlapping,
      ...functionParts(this, settings, centre),
    } as const;

    const relay = new MemberFunction(this, 'RelayOutbox', {
      ...shared,
      entry: 'relay-outbox',
      timeout: Duration.millis(relaySchedule.timeoutMs),
    });
    grantUsual(relay);
    grantSend(relay);
    grantGauge(relay);
    grantWitness(relay);
    grantTopologies(relay);
    this.#start(relay, relaySchedule.everyMs);

    const observer = new MemberFunction(this, 'ObserveConsistency', {
      ...shared,
      entry: 'observe-consistency',
      timeout: Duration.millis(observerSchedule.timeoutMs),
    });
    grantUsual(observer, [['OBSERVER', 'observer']]);
    nameQueues(observer);
    nameWitness(observer);
    this.#start(observer, observerSchedule.everyMs);
  }

  /** Whether or not the one before has ended. */
  #start(fn: MemberFunction, everyMs: number): void {
    const { settings, entry } = fn.props;
    new Rule(fn, 'Schedule', {
      ruleName: `membership-${settings.stage}-${entry}`,
      description: `Starts ${entry} of centre ${fn.props.centre}.`,
      schedule: Schedule.rate(Duration.millis(everyMs)),
      targets: [new LambdaFunction(fn.live as IFunction, { retryAttempts: 2, maxEventAge: startWithin })],
    });
  }
}
