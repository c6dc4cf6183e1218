/** What the command line asks for, within bounds. */
import { parseArgs } from 'node:util';

export const usage = `Usage: npm run load -- [options]

Registers members through the API, then reads and writes them through the front door for a while, and judges every
answer by its own record of what was acknowledged. Exit code 1 if any answer was stale or wrong.

  --members N       how many to register (20000)
  --seconds S       how long the mix runs (60)
  --rate R          requests a second, sent whether or not earlier ones were answered (200)
  --callers C       instead of a rate: C callers, each of which waits for its answer
  --read-share P    the part of the mix that reads (0.95)
  --zipf X          how unevenly members are read: Zipf's exponent (0.99)
  --write-zipf X    how unevenly members are written (0: evenly)
  --seed N          members and the order of requests are made from it (the time)
  --no-warm-up      without it every member is read once by its id and once by its usual identifier before the mix
  --json FILE       writes the figures there too
  --url URL         the front door; without it, of the running copy ("npm run status")
  --centre URL      a centre's own address, to which writes go as well; may come twice
  --key KEY         the caller's key
  --allow-host H    allows a host that is not this machine

  --lanes           instead of the mix: what the marketing lane at ten times its share does to the critical lane's
                    answers; its own options: --lanes --help`;

export interface LoadOptions {
  readonly members: number;
  readonly seconds: number;
  readonly pace:
    | { readonly kind: 'rate'; readonly perSecond: number }
    | { readonly kind: 'callers'; readonly count: number };
  readonly readShare: number;
  readonly zipf: number;
  readonly writeZipf: number;
  readonly seed: number;
  readonly warmUp: boolean;
  readonly json: string | undefined;
  readonly url: string | undefined;
  readonly centres: readonly string[];
  readonly key: string | undefined;
  readonly allowedHosts: readonly string[];
}

/** The command line is not as it must be. */
export class UsageFault extends Error {}

const ownHosts = ['127.0.0.1', 'localhost', '[::1]'];

/** @throws UsageFault */
export function readOptions(args: readonly string[], nowMs: number): LoadOptions | 'help' {
  const { values } = parsed(args);
  if (values.help) return 'help';
  const number = (
    name: keyof typeof values,
    usual: number,
    min: number,
    max: number,
    isWhole = false,
  ): number => {
    const text = values[name];
    const value = text === undefined ? usual : Number(text);
    const isRight = typeof text !== 'object' && text !== '' && value >= min && value <= max;
    if (!isRight || (isWhole && !Number.isInteger(value))) {
      throw new UsageFault(`--${name} must be ${isWhole ? 'a whole number ' : ''}from ${min} to ${max}.`);
    }
    return value;
  };
  if (values.rate !== undefined && values.callers !== undefined)
    throw new UsageFault('--rate or --callers, not both.');
  const allowedHosts = [...ownHosts, ...(values['allow-host'] ?? [])];
  const centres = values.centre ?? [];
  for (const address of [...(values.url === undefined ? [] : [values.url]), ...centres])
    checkAddress(address, allowedHosts);
  if (centres.length > 0 && values.url === undefined) throw new UsageFault('--centre needs --url.');
  if (values.url !== undefined && values.key === undefined) throw new UsageFault('--url needs --key.');
  return {
    members: number('members', 20_000, 2, 200_000, true),
    seconds: number('seconds', 60, 1, 3_600),
    pace:
      values.callers === undefined
        ? { kind: 'rate', perSecond: number('rate', 200, 1, 5_000) }
        : { kind: 'callers', count: number('callers', 1, 1, 256, true) },
    readShare: number('read-share', 0.95, 0, 1),
    zipf: number('zipf', 0.99, 0, 5),
    writeZipf: number('write-zipf', 0, 0, 5),
    seed: number('seed', nowMs % 2 ** 31, 0, 2 ** 31, true),
    warmUp: values['no-warm-up'] !== true,
    json: values.json,
    url: values.url,
    centres,
    key: values.key,
    allowedHosts,
  };
}

function parsed(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const texts = { type: 'string', multiple: true } as const;
  const flag = { type: 'boolean' } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        ...{
          members: text,
          seconds: text,
          rate: text,
          callers: text,
          seed: text,
          json: text,
          url: text,
          key: text,
        },
        ...{ 'read-share': text, zipf: text, 'write-zipf': text, centre: texts, 'allow-host': texts },
        ...{ 'no-warm-up': flag, help: { type: 'boolean', short: 'h' } },
      },
    });
  } catch (error) {
    throw new UsageFault((error as Error).message);
  }
}

/** @throws UsageFault for what is no address, or of a host that was not allowed: a load is not sent to strangers */
export function checkAddress(address: string, allowedHosts: readonly string[]): void {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol !== 'http:') throw new UsageFault('An address must be like http://127.0.0.1:4100.');
  if (!allowedHosts.includes(url.hostname)) {
    throw new UsageFault(
      `${url.hostname} is not this machine. If it may be loaded: --allow-host ${url.hostname}`,
    );
  }
}
