/** Finds the copy of the service that runs on this machine, by its own command. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Targets {
  readonly frontDoor: string;
  /** The centres' own addresses; none when only the front door is known. */
  readonly centres: readonly string[];
  readonly key: string;
  /** The marketing lane's own addresses in the centres, and the key of a caller of that lane. */
  readonly marketing?: { readonly urls: readonly string[]; readonly key: string } | undefined;
}

interface Status {
  readonly frontDoor: string | null;
  readonly centres: Readonly<Record<string, { readonly url: string }>>;
  readonly parts: readonly { readonly name: string; readonly address: string }[];
  readonly callers: {
    readonly orders?: { readonly key: string };
    readonly campaigns?: { readonly key: string };
  };
}

const root = fileURLToPath(new URL('../..', import.meta.url));

/** @throws Error when none runs */
export async function findRunningCopy(): Promise<Targets> {
  // Its exit code tells whether every part is up. That is not asked for here: a load may be run with parts away.
  const text = await new Promise<string>((resolve) => {
    const args = ['run', '--silent', 'status', '--', '--json'];
    execFile('npm', args, { cwd: root, timeout: 30_000 }, (_, output) => resolve(output));
  });
  const status = read(text);
  const key = status?.callers.orders?.key;
  if (!status?.frontDoor || key === undefined)
    throw new Error('Nothing runs here. "npm start" starts it; or give --url and --key.');
  const centres = Object.values(status.centres).map(({ url }) => url);
  const urls = status.parts
    .filter(({ name }) => /^api-.*-marketing$/.test(name))
    .map(({ address }) => address);
  const campaigns = status.callers.campaigns;
  const marketing = campaigns && { urls, key: campaigns.key };
  return { frontDoor: status.frontDoor, centres, key, marketing };
}

function read(text: string): Status | undefined {
  try {
    return JSON.parse(text) as Status;
  } catch {
    return undefined;
  }
}
