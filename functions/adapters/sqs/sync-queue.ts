import type { SyncQueue } from '../../core/propagation/ports.ts';
import type { AwsConnection } from '../aws/calls.ts';
import { makeSqsClient } from './client.ts';
import { encodeMessage } from './message.ts';

export interface SyncQueueOptions extends AwsConnection {
  readonly queueUrl: string;
}

/** The queue towards a centre's consumers. A message may arrive twice, also because a send was tried twice. */
export function makeSyncQueue(options: SyncQueueOptions): SyncQueue {
  const call = makeSqsClient(options);
  return {
    async send(message, deadline) {
      const input = { QueueUrl: options.queueUrl, MessageBody: encodeMessage(message) };
      await call(deadline, (client, { SendMessageCommand }, abort) =>
        client.send(new SendMessageCommand(input), abort),
      );
    },
  };
}
