import { once } from 'node:events';
import { connect } from 'node:net';

/** A replica that stores nothing, and acknowledges what it was sent when the test says so. */
export interface Replica {
  /** Acknowledges everything from now on, as it comes, or goes quiet. */
  acknowledge(on: boolean): void;
  end(): Promise<void>;
}

/** Attaches to a Redis that syncs without its disk. Resolves when it is in step. */
export async function attachReplica(redisUrl: string): Promise<Replica> {
  const { port, hostname } = new URL(redisUrl);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  await once(socket, 'connect');
  const send = (...words: string[]) =>
    socket.write(`*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`);

  send('REPLCONF', 'capa', 'eof', 'capa', 'psync2');
  // It takes no PSYNC while it still owes an answer.
  await once(socket, 'data');

  let buffered = Buffer.alloc(0);
  let mark: string | null = null;
  let offset = 0;
  let inStep = false;
  let acknowledging = true;
  const becameInStep = new Promise<void>((resolve) => {
    socket.on('data', (chunk: Buffer) => {
      if (inStep) offset += chunk.length;
      else {
        buffered = Buffer.concat([buffered, chunk]);
        const head = /\+FULLRESYNC \w+ (\d+)\r\n\n*\$EOF:(.{40})\r\n/.exec(buffered.toString('latin1'));
        if (head && mark === null) {
          mark = head[2] as string;
          offset = Number(head[1]);
          buffered = buffered.subarray(head.index + head[0].length);
        }
        const ends = mark === null ? -1 : buffered.indexOf(mark, 0, 'latin1');
        if (ends < 0) return;
        offset += buffered.length - ends - 40;
        inStep = true;
        resolve();
      }
    });
  });
  send('PSYNC', '?', '-1');
  await becameInStep;
  // Again and again, as replicas do: what comes before the primary counts it as a replica is not heard.
  const beat = setInterval(() => {
    if (acknowledging) send('REPLCONF', 'ACK', String(offset));
  }, 10);
  return {
    acknowledge: (on) => {
      acknowledging = on;
    },
    end: async () => {
      clearInterval(beat);
      const closed = once(socket, 'close');
      socket.destroy();
      await closed;
    },
  };
}
