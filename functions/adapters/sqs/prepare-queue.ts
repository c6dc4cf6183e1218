import { deadLetterDays, queueDays } from '../../core/failover/retention.ts';
import type { Deadline } from '../../core/kernel/clock.ts';
import type { AwsConnection } from '../aws/calls.ts';
import { makeSqsClient } from './client.ts';

export interface PrepareQueueOptions extends AwsConnection {
  readonly queueName: string;
  /** How long a consumer has before a message is given out again: above its own time limit. */
  readonly visibilitySeconds: number;
  /** After so many receptions a message goes to the dead-letter queue. */
  readonly receptionsMax: number;
  readonly deadline: Deadline;
}

/** The dead-letter queue's name or address, by the queue's. */
export const deadQueueOf = (queue: string): string => `${queue}-dead`;

const seconds = (days: number): string => String(days * 24 * 3600);

/**
 * Makes the queue and its dead-letter queue (`NAME-dead`), where they are not there yet, and gives them their attributes.
 * Repeatable, also with other attributes than they were made with.
 */
export async function prepareQueue(
  options: PrepareQueueOptions,
): Promise<{ queueUrl: string; deadQueueUrl: string }> {
  const { queueName, visibilitySeconds, receptionsMax, deadline } = options;
  const call = makeSqsClient(options);
  return call(deadline, async (client, sdk, abort) => {
    const make = async (name: string, attributes: Record<string, string>): Promise<string> => {
      // Making a queue that stands is refused when it names attributes that are not the queue's.
      const { QueueUrl } = await client.send(new sdk.CreateQueueCommand({ QueueName: name }), abort);
      if (QueueUrl === undefined) throw new Error(`no address for the queue ${name}`);
      await client.send(new sdk.SetQueueAttributesCommand({ QueueUrl, Attributes: attributes }), abort);
      return QueueUrl;
    };
    const deadQueueUrl = await make(deadQueueOf(queueName), {
      MessageRetentionPeriod: seconds(deadLetterDays),
    });
    const wanted = new sdk.GetQueueAttributesCommand({
      QueueUrl: deadQueueUrl,
      AttributeNames: ['QueueArn'],
    });
    const deadLetterTargetArn = (await client.send(wanted, abort)).Attributes?.QueueArn;
    const queueUrl = await make(queueName, {
      MessageRetentionPeriod: seconds(queueDays),
      VisibilityTimeout: String(visibilitySeconds),
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount: receptionsMax }),
    });
    return { queueUrl, deadQueueUrl };
  });
}
