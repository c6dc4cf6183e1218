import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { type CfnQueue, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { deadLetterDays, queueDays } from '../../functions/core/failover/retention.ts';
import type { CentreName } from '../../functions/core/propagation/event.ts';
import type { StageSettings } from '../centre.ts';
import { functionParts } from '../constructs/function-parts.ts';
import { grantSend, grantUsual, nameWitness } from '../constructs/grants.ts';
import { MemberFunction } from '../constructs/member-function.ts';
import { deadQueueName, queueName, stackName } from '../names.ts';
import { placeOf } from './keys.ts';

/** A batch's messages are applied at once; this is above what one may take (`applyChangeMs`). */
const consumerTimeout = Duration.seconds(30);
/** Six times that, so that a throttled consumer's messages are not given out a second time meanwhile. */
const visibilityTimeout = Duration.seconds(180);
/** What failed so often goes to the dead letters: the relay brings its change to the sinks all the same. */
const receptionsMax = 5;
const batchSize = 10;

/** The queue of a centre's consumers, where changes wait that a write did not bring to its sinks itself, and the consumer. */
export class SyncStack extends Stack {
  constructor(scope: Construct, settings: StageSettings, centre: CentreName) {
    super(scope, stackName(settings, 'sync', centre), placeOf(settings, centre));
    const { key, network } = functionParts(this, settings, centre);
    const shared = {
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: key,
      // One call to the key's service for all messages of five minutes.
      dataKeyReuse: Duration.minutes(5),
      enforceSSL: true,
      removalPolicy: settings.keepsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    };
    const deadLetters = new Queue(this, 'DeadLetters', {
      ...shared,
      queueName: deadQueueName(settings),
      retentionPeriod: Duration.days(deadLetterDays),
    });
    const queue = new Queue(this, 'Queue', {
      ...shared,
      queueName: queueName(settings),
      retentionPeriod: Duration.days(queueDays),
      visibilityTimeout,
      deadLetterQueue: { queue: deadLetters, maxReceiveCount: receptionsMax },
    });
    // By its name: the two would otherwise wait for each other.
    (deadLetters.node.defaultChild as CfnQueue).redriveAllowPolicy = {
      redrivePermission: 'byQueue',
      sourceQueueArns: [this.formatArn({ service: 'sqs', resource: queueName(settings) })],
    };

    const { consumersMax } = settings.functions;
    const consumer = new MemberFunction(this, 'ApplyChange', {
      settings,
      centre,
      lane: 'critical',
      entry: 'apply-change',
      timeout: consumerTimeout,
      environmentsMax: consumersMax,
      network,
      key,
    });
    grantUsual(consumer);
    grantSend(consumer);
    nameWitness(consumer);
    consumer.live.addEventSource(
      new SqsEventSource(queue, { batchSize, reportBatchItemFailures: true, maxConcurrency: consumersMax }),
    );
  }
}
