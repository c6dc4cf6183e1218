/** What CloudFormation calls while it deploys, wired. */
import { randomBytes } from 'node:crypto';
import * as z from 'zod/mini';
import { putFirstEpoch } from '../../adapters/dynamodb/prepare-register.ts';
import { ensureAccount, findWriter } from '../../adapters/mysql/schema/accounts.ts';
import { applyJournalSchema, applySchema } from '../../adapters/mysql/schema/apply.ts';
import { ensureServiceUser } from '../../adapters/opensearch/prepare-access.ts';
import { prepareSearch } from '../../adapters/opensearch/prepare-search.ts';
import { copyParameters } from '../../adapters/parameters/copy-parameters.ts';
import { writeTopology } from '../../adapters/parameters/topology-store.ts';
import { makeSecretKeeper } from '../../adapters/secrets/secret-keeper.ts';
import { makeSystemClock } from '../../adapters/system/system-clock.ts';
import { deadlineAfter } from '../../core/kernel/clock.ts';
import { centreNames } from '../../core/propagation/event.ts';
import type { ResourceChange } from '../custom-resource.ts';
import { parseAccount } from '../password-rotation.ts';
import { serverAddress } from '../published-servers.ts';

const text = z.string().check(z.minLength(1));
/** CloudFormation passes every number as a text. */
const count = z.pipe(z.coerce.number(), z.int());
const centre = z.enum(centreNames);
const parserOf =
  <Schema extends z.ZodMiniType>(schema: Schema) =>
  (properties: unknown): z.output<Schema> =>
    z.parse(schema, properties);

/** Within the function's time: see the infrastructure's constructs. */
const copyWithinMs = 90_000;

const copies = z.object({ regions: z.array(text), parameters: z.record(text, text) });
export const parseCopies = parserOf(copies);

export async function keepCopies(change: ResourceChange<z.output<typeof copies>>): Promise<void> {
  const clock = makeSystemClock();
  const { regions, parameters } = change.properties;
  const former = change.kind === 'removed' ? null : change.former;
  const wanted = change.kind === 'removed' ? {} : parameters;
  const known = { ...parameters, ...former?.parameters };
  const unwanted = Object.keys(known).filter((name) => wanted[name] === undefined);
  await Promise.all(
    regions.map((region) =>
      copyParameters({
        name: `parameters in ${region}`,
        region,
        clock,
        wanted,
        unwanted,
        deadline: deadlineAfter(clock, copyWithinMs),
      }),
    ),
  );
}

/** Of one small thing. */
const oneWithinMs = 20_000;

const secretNames = z.object({ region: text, keyring: text, database: text, firstUser: text });
export const parseSecretNames = parserOf(secretNames);

/**
 * Only in place of what Secrets Manager generated when it made them: a keyring that somebody has spoilt is left for a person
 * to mend, for without the former one nothing that was written can be read.
 */
export async function fillSecrets(change: ResourceChange<z.output<typeof secretNames>>): Promise<void> {
  if (change.kind === 'removed') return;
  const { region, keyring, database, firstUser } = change.properties;
  const secrets = makeSecretKeeper(region);
  if (isGenerated(await secrets.current(keyring))) await secrets.put(keyring, newKeyring());
  if (isGenerated(await secrets.current(database))) {
    await secrets.put(database, await secrets.current(firstUser));
  }
}

/** `{"password": "..."}`: a user's has its name too. */
const isGenerated = (value: string): boolean => /^\{"password":"[^"]*"\}$/.test(value.replaceAll(/\s/g, ''));

const keyBytes = 32;

function newKeyring(): string {
  const key = () => randomBytes(keyBytes).toString('base64url');
  return JSON.stringify({
    sealing: [{ id: '1', key: key() }],
    identifiers: [{ version: '1', key: key() }],
    slots: key(),
    requests: key(),
  });
}

const register = z.object({ region: text, table: text, epoch: count, centre });
export const parseRegister = parserOf(register);

export async function openRegister(change: ResourceChange<z.output<typeof register>>): Promise<void> {
  if (change.kind === 'removed') return;
  const { region, table, epoch, centre: writer } = change.properties;
  const clock = makeSystemClock();
  await putFirstEpoch({
    name: 'witness',
    region,
    clock,
    tableName: table,
    first: { epoch, centre: writer },
    deadline: deadlineAfter(clock, oneWithinMs),
  });
}

const topologyDocument = z.object({ region: text, parameter: text, topology: text });
export const parseTopologyDocument = parserOf(topologyDocument);

/** Never over a newer one: promotions and operators write those. */
export async function writeFirstTopology(
  change: ResourceChange<z.output<typeof topologyDocument>>,
): Promise<void> {
  if (change.kind === 'removed') return;
  const { region, parameter, topology } = change.properties;
  const clock = makeSystemClock();
  await writeTopology({
    name: 'parameters',
    region,
    clock,
    parameterName: parameter,
    topology: JSON.parse(topology),
    deadline: deadlineAfter(clock, oneWithinMs),
  });
}

const slots = z.object({ first: count, last: count });
const servers = z.array(text).check(z.minLength(1));
const databases = z.object({
  region: text,
  authorities: z.optional(text),
  admin: text,
  users: z.array(text),
  clusters: z.array(z.object({ name: text, slots: z.array(slots), servers })),
  journal: servers,
  opening: z.object({ epoch: count, centre }),
});
export const parseDatabases = parserOf(databases);

/**
 * Accounts and schema, where this centre has the writer; a replica gets both by replication. A database that has lost its
 * writer for the moment fails the deployment: it must not go on to the functions.
 */
export async function prepareDatabases(change: ResourceChange<z.output<typeof databases>>): Promise<void> {
  if (change.kind === 'removed') return;
  const { region, authorities, admin, users, clusters, journal, opening } = change.properties;
  const secrets = makeSecretKeeper(region);
  const administrator = parseAccount(await secrets.current(admin));
  const accounts = await Promise.all(users.map(async (user) => parseAccount(await secrets.current(user))));
  const writerOf = async (standing: readonly string[]) => {
    const writer = await findWriter(
      standing.map((server) => serverAddress(server, administrator, authorities)),
    );
    if (writer) for (const account of accounts) await ensureAccount(writer, account);
    return writer;
  };
  const onProgress = (line: string) => console.log(line);
  for (const { name, slots: ranges, servers: standing } of clusters) {
    const address = await writerOf(standing);
    const held = ranges.map((range) => ({ name, slots: range }));
    if (address) await applySchema({ address, clusters: held, opening, onProgress });
  }
  const address = await writerOf(journal);
  if (!address) throw new Error('no server of the journal takes writes');
  await applyJournalSchema({ address, opening, onProgress });
}

const search = z.object({
  region: text,
  admin: text,
  user: text,
  clusters: z.array(z.object({ name: text, url: text, shards: count, replicas: count })),
  epoch: count,
  access: z.enum(['users', 'open']),
});
export const parseSearch = parserOf(search);

/** A new domain needs a while. */
const searchWithinMs = 240_000;

export async function prepareSearchClusters(change: ResourceChange<z.output<typeof search>>): Promise<void> {
  if (change.kind === 'removed') return;
  const { region, admin, user, clusters, epoch, access } = change.properties;
  const secrets = makeSecretKeeper(region);
  const { username: name, password } = parseAccount(await secrets.current(admin));
  const account = parseAccount(await secrets.current(user));
  const clock = makeSystemClock();
  const deadline = deadlineAfter(clock, searchWithinMs);
  for (const { name: cluster, url, shards, replicas } of clusters) {
    const asked = access === 'users' ? { name, password } : undefined;
    const at = { name: cluster, url, user: asked, clock, deadline };
    // After a promotion a newer epoch's aliases stand, and stay.
    await prepareSearch({ ...at, epoch, shards, replicas });
    if (asked) await ensureServiceUser({ ...at, account });
  }
}
