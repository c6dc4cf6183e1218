import { request as requestPlainly } from 'node:http';
import { request } from 'node:https';
import { DependencyUnavailable } from '../../core/kernel/invariant.ts';
import { type Credentials, signedHeaders } from './signature.ts';

export interface SecretStoreOptions {
  /** Where Secrets Manager answers, such as `https://secretsmanager.ap-southeast-1.amazonaws.com`. */
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: Credentials;
  /** Of each attempt. @default 2000 */
  readonly attemptMs?: number;
  readonly nowMs?: () => number;
}

/** @throws DependencyUnavailable */
export type ReadSecret = (id: string) => Promise<string>;

/** A new environment gives up after these: with their time-outs, within what Lambda gives it to begin. */
const attemptsMax = 3;
const answerBytesMax = 128 * 1024;

/**
 * Reads secrets from Secrets Manager. By hand, with Node's own client: the SDK's would cost every cold start more than
 * all else that a hit of the cache loads.
 */
export function makeSecretStore(options: SecretStoreOptions): ReadSecret {
  const { endpoint, region, credentials, attemptMs = 2_000, nowMs = Date.now } = options;
  const url = new URL(endpoint);

  const ask = (id: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const body = JSON.stringify({ SecretId: id });
      const headers = signedHeaders(
        {
          host: url.host,
          region,
          service: 'secretsmanager',
          headers: {
            'content-type': 'application/x-amz-json-1.1',
            'x-amz-target': 'secretsmanager.GetSecretValue',
          },
          body,
          nowMs: nowMs(),
        },
        credentials,
      );
      const send = url.protocol === 'https:' ? request : requestPlainly;
      const asked = send(url, {
        method: 'POST',
        headers: { ...headers, 'content-length': Buffer.byteLength(body) },
        signal: AbortSignal.timeout(attemptMs),
      });
      asked.on('error', reject).on('response', (response) => {
        let text = '';
        response.setEncoding('utf8').on('error', reject);
        response.on('data', (part: string) => {
          text += part;
          if (text.length > answerBytesMax) asked.destroy(new Error('it answered too much'));
        });
        response.on('end', () => {
          // Not what it said: it may hold a secret.
          if (response.statusCode !== 200) return reject(new Error(`it answered ${response.statusCode}`));
          resolve(text);
        });
      });
      asked.end(body);
    });

  return async (id) => {
    for (let attempt = 1; ; attempt++) {
      try {
        const { SecretString } = JSON.parse(await ask(id)) as { SecretString?: unknown };
        if (typeof SecretString !== 'string') throw new Error('it is no text');
        return SecretString;
      } catch (error) {
        if (attempt === attemptsMax) throw new DependencyUnavailable(`secret ${id}`, error);
      }
    }
  };
}
