import { DependencyUnavailable } from '../../core/kernel/invariant.ts';
import type { QueueGauge } from '../../core/propagation/ports.ts';
import type { AwsConnection } from '../aws/calls.ts';
import { makeSqsClient } from './client.ts';
import { deadQueueOf } from './prepare-queue.ts';

const attributes = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;

/** Counts a queue and its dead-letter queue. The service's own counts are approximate, and lag by a minute at times. */
export function makeQueueGauge(options: AwsConnection & { readonly queueUrl: string }): QueueGauge {
  const call = makeSqsClient(options);
  return {
    depth: (deadline) =>
      call(deadline, async (client, { GetQueueAttributesCommand }, abort) => {
        const countsOf = async (QueueUrl: string): Promise<readonly [number, number]> => {
          const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...attributes] });
          const { Attributes = {} } = await client.send(command, abort);
          const [visible = Number.NaN, hidden = Number.NaN] = attributes.map((name) =>
            Number(Attributes[name]),
          );
          if (Number.isNaN(visible + hidden))
            throw new DependencyUnavailable(options.name, new Error('its counts are no numbers'));
          return [visible, hidden];
        };
        const [[waiting, underWay], [deadVisible, deadHidden]] = await Promise.all([
          countsOf(options.queueUrl),
          countsOf(deadQueueOf(options.queueUrl)),
        ]);
        return { waiting, underWay, dead: deadVisible + deadHidden };
      }),
  };
}
