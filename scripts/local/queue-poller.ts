/** Feeds a function from a queue, as Lambda's event source mapping does, with partial batch failures. */

import { setTimeout as pause } from 'node:timers/promises';
import {
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { localCredentials } from './function-variables.ts';
import type { InvocationOutcome } from './functions.ts';

const batchMax = 10;
const longPollSeconds = 5;
const afterFailureMs = 1_000;

export interface QueuePoller {
  stop(): Promise<void>;
}

export function startQueuePoller(options: {
  readonly queueUrl: string;
  readonly endpoint: string;
  readonly region: string;
  readonly invoke: (event: SQSEvent) => Promise<InvocationOutcome>;
}): QueuePoller {
  const { queueUrl: QueueUrl, endpoint, region, invoke } = options;
  const client = new SQSClient({
    region,
    endpoint,
    credentials: localCredentials,
    useQueueUrlAsEndpoint: false,
  });
  const stopping = new AbortController();

  const round = async (): Promise<void> => {
    const wanted: ReceiveMessageCommandInput = {
      QueueUrl,
      MaxNumberOfMessages: batchMax,
      WaitTimeSeconds: longPollSeconds,
      MessageSystemAttributeNames: ['All'],
    };
    const { Messages = [] } = await client.send(new ReceiveMessageCommand(wanted), {
      abortSignal: stopping.signal,
    });
    if (Messages.length === 0) return;
    const outcome = await invoke(eventOf(Messages, region));
    const failed = failedOf(outcome, Messages);
    // What is not deleted comes again when its time is up.
    const Entries = Messages.filter(({ MessageId }) => !failed.has(MessageId ?? '')).map(
      ({ MessageId: Id = '', ReceiptHandle }) => ({ Id, ReceiptHandle }),
    );
    if (Entries.length > 0) await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  };

  const running = (async () => {
    while (!stopping.signal.aborted) {
      try {
        await round();
      } catch {
        // The queue is away, or this is the end.
        await pause(afterFailureMs, undefined, { signal: stopping.signal }).catch(() => {});
      }
    }
  })();

  return {
    async stop() {
      stopping.abort();
      await running;
      client.destroy();
    },
  };
}

function eventOf(messages: readonly Message[], awsRegion: string): SQSEvent {
  return {
    Records: messages.map(
      ({ MessageId = '', ReceiptHandle = '', Body = '', MD5OfBody = '', Attributes }) => ({
        messageId: MessageId,
        receiptHandle: ReceiptHandle,
        body: Body,
        md5OfBody: MD5OfBody,
        attributes: {
          ApproximateReceiveCount: '1',
          SentTimestamp: '0',
          SenderId: 'local',
          ApproximateFirstReceiveTimestamp: '0',
          ...Attributes,
        },
        messageAttributes: {},
        eventSource: 'aws:sqs',
        eventSourceARN: 'arn:aws:sqs:local',
        awsRegion,
      }),
    ),
  };
}

function failedOf(outcome: InvocationOutcome, messages: readonly Message[]): ReadonlySet<string> {
  if (outcome.kind !== 'answered') return new Set(messages.map(({ MessageId }) => MessageId ?? ''));
  const { batchItemFailures } = outcome.result as SQSBatchResponse;
  return new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
}
