import type { Deadline } from '../../core/kernel/clock.ts';
import { makeSqsClient, type SqsConnection } from './client.ts';

export interface PrepareQueueOptions extends SqsConnection {
  readonly queueName: string;
  /** How long a consumer has before a message is given out again: above its own time limit. */
  readonly visibilitySeconds: number;
  /** After so many receptions a message goes to the dead-letter queue. */
  readonly receptionsMax: number;
  readonly deadline: Deadline;
}

/** Makes the queue and its dead-letter queue (`NAME-dead`), where they are not there yet. Repeatable. */
export async function prepareQueue(
  options: PrepareQueueOptions,
): Promise<{ queueUrl: string; deadQueueUrl: string }> {
  const { queueName, visibilitySeconds, receptionsMax, deadline } = options;
  const call = makeSqsClient(options);
  return call(deadline, async (client, sdk, abort) => {
    const make = async (name: string, attributes: Record<string, string>): Promise<string> => {
      const made = await client.send(
        new sdk.CreateQueueCommand({ QueueName: name, Attributes: attributes }),
        abort,
      );
      if (made.QueueUrl === undefined) throw new Error(`no address for the queue ${name}`);
      return made.QueueUrl;
    };
    const fourteenDays = String(14 * 24 * 3600);
    const deadQueueUrl = await make(`${queueName}-dead`, { MessageRetentionPeriod: fourteenDays });
    const wanted = new sdk.GetQueueAttributesCommand({
      QueueUrl: deadQueueUrl,
      AttributeNames: ['QueueArn'],
    });
    const deadLetterTargetArn = (await client.send(wanted, abort)).Attributes?.QueueArn;
    const queueUrl = await make(queueName, {
      MessageRetentionPeriod: fourteenDays,
      VisibilityTimeout: String(visibilitySeconds),
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount: receptionsMax }),
    });
    return { queueUrl, deadQueueUrl };
  });
}
