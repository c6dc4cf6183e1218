/**
 * Brings the schema of database clusters and journals to the newest version. May be stopped at any point and run again.
 *
 *   npm run schema                 expands: adds what the newest code needs
 *   npm run schema -- contract     removes what only older code used, once none of it runs any more
 *
 * MEMBERSHIP_SCHEMA_URL          mysql://USER:PASSWORD@HOST:PORT of the writer; the user may create schemas
 * MEMBERSHIP_SCHEMA_CLUSTERS     the database clusters on it and their slots, as in c0:0-511,c1:512-1023
 * MEMBERSHIP_SCHEMA_JOURNAL_URL  of a journal database; either this or the others, or all
 * MEMBERSHIP_SCHEMA_OPENING      for a new database: epoch and writing centre; 1:A if it is not given
 */
import {
  applyJournalSchema,
  applySchema,
  type ClusterSlots,
  contractJournalSchema,
  contractSchema,
  type SchemaRequest,
} from '../functions/adapters/mysql/schema/apply.ts';
import { slotCount } from '../functions/core/sharding/sharding.ts';

const say = (line: string): void => console.log(line);

class Misused extends Error {}

function addressIn(variable: string): SchemaRequest['address'] | undefined {
  const value = process.env[variable];
  if (!value) return undefined;
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url?.protocol !== 'mysql:' || !url.hostname || !url.username) {
    throw new Misused(`${variable} must look like mysql://USER:PASSWORD@HOST:PORT`);
  }
  return {
    host: url.hostname,
    port: Number(url.port || 3306),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
  };
}

function clustersIn(variable: string): readonly ClusterSlots[] {
  return (process.env[variable] ?? '').split(',').map((text) => {
    const [, name, first, last] = /^([a-z0-9]{1,16}):(\d+)-(\d+)$/.exec(text.trim()) ?? [];
    const slots = { first: Number(first), last: Number(last) };
    if (!name || slots.first > slots.last || slots.last >= slotCount) {
      throw new Misused(`${variable} must name clusters and their slots, as in c0:0-511,c1:512-1023`);
    }
    return { name, slots };
  });
}

function openingIn(variable: string): NonNullable<SchemaRequest['opening']> {
  const [, epoch, centre] = /^(\d+):([AB])$/.exec(process.env[variable] ?? '1:A') ?? [];
  if (!epoch) throw new Misused(`${variable} must be an epoch and a centre, as in 1:A`);
  return { epoch: Number(epoch), centre: centre === 'B' ? 'B' : 'A' };
}

async function run(phase: string): Promise<void> {
  if (phase !== 'expand' && phase !== 'contract')
    throw new Misused(`unknown phase ${phase}: expand or contract`);
  const writer = addressIn('MEMBERSHIP_SCHEMA_URL');
  const journal = addressIn('MEMBERSHIP_SCHEMA_JOURNAL_URL');
  if (!writer && !journal) throw new Misused('set MEMBERSHIP_SCHEMA_URL or MEMBERSHIP_SCHEMA_JOURNAL_URL');
  const opening = openingIn('MEMBERSHIP_SCHEMA_OPENING');
  if (writer) {
    const clusters = clustersIn('MEMBERSHIP_SCHEMA_CLUSTERS');
    const migrate = phase === 'expand' ? applySchema : contractSchema;
    await migrate({ address: writer, opening, clusters, onProgress: say });
  }
  if (journal) {
    const migrate = phase === 'expand' ? applyJournalSchema : contractJournalSchema;
    await migrate({ address: journal, opening, onProgress: say });
  }
}

try {
  await run(process.argv[2] ?? 'expand');
} catch (error) {
  const { message, cause } = error as Error;
  const why = cause instanceof Error && !message.includes(cause.message) ? ` (${cause.message})` : '';
  console.error(
    error instanceof Misused ? `schema: ${message}` : `schema: ${message}${why}; run it again to resume`,
  );
  process.exitCode = error instanceof Misused ? 2 : 1;
}
