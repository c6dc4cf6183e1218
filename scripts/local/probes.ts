/** Whether something that speaks a part's protocol answers at an address. No credentials needed, always bounded. */
import { connect } from 'node:net';

export type Health = 'up' | 'down' | 'unresponsive';

const MYSQL_PROTOCOL_VERSION = 10;
const MYSQL_ERROR_PACKET = 0xff;
/** A packet opens with three bytes of length and one of sequence. */
const MYSQL_HEADER_BYTES = 4;

/** `down`: nothing listens, or it says that it is not ready. `unresponsive`: connected, and no answer in time. */
export async function probe(
  url: string,
  options: { healthPath?: string; withinMs?: number } = {},
): Promise<Health> {
  const { protocol, hostname, port } = new URL(url);
  const withinMs = options.withinMs ?? 1_000;
  if (protocol === 'mysql:') {
    return converse(hostname, Number(port || 3306), withinMs, '', (reply) => {
      if (reply.length <= MYSQL_HEADER_BYTES) return undefined;
      const first = reply[MYSQL_HEADER_BYTES];
      // An error as greeting (too many connections, mostly) still is a living server.
      return first === MYSQL_PROTOCOL_VERSION || first === MYSQL_ERROR_PACKET;
    });
  }
  if (protocol === 'redis:') {
    return converse(hostname, Number(port || 6379), withinMs, 'PING\r\n', (reply) => {
      const text = reply.toString('latin1');
      if (!text.includes('\r\n')) return undefined;
      return text.startsWith('+PONG') || text.startsWith('-NOAUTH');
    });
  }
  return probeHttp(new URL(options.healthPath ?? '/', url), withinMs);
}

async function probeHttp(url: URL, withinMs: number): Promise<Health> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(withinMs) });
    await response.body?.cancel();
    return response.status < 500 ? 'up' : 'down';
  } catch (error) {
    return error instanceof DOMException && error.name === 'TimeoutError' ? 'unresponsive' : 'down';
  }
}

/** Says something, if anything, and judges what comes back; the judge says undefined while it needs more. */
function converse(
  host: string,
  port: number,
  withinMs: number,
  words: string,
  judge: (reply: Buffer) => boolean | undefined,
): Promise<Health> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    let reply = Buffer.alloc(0);
    const timer = setTimeout(() => finish('unresponsive'), withinMs);
    const finish = (health: Health) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(health);
    };
    socket.on('error', () => finish('down'));
    socket.on('close', () => finish('down'));
    socket.on('connect', () => words && socket.write(words));
    socket.on('data', (chunk) => {
      reply = Buffer.concat([reply, chunk]);
      const verdict = judge(reply);
      if (verdict !== undefined) finish(verdict ? 'up' : 'down');
    });
  });
}
