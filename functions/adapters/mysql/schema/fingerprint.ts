import { createHash } from 'node:crypto';
import { firstEpoch } from '../../../core/failover/epoch.ts';
import { clusterRows, journalRows, type OpeningEpoch } from './first-rows.ts';
import { type Migration, migrations } from './migrations.ts';

/** Changes whenever applying the schema to an empty database would leave something else: a key for prepared copies. */
export function schemaFingerprint(): string {
  const opening: OpeningEpoch = firstEpoch;
  const statements = (list: readonly Migration[]) =>
    list.map(({ version, expand, contract }) => [version, expand('s'), contract('s')]);
  const all = [
    statements(migrations.slot),
    statements(migrations.control),
    statements(migrations.journal),
    clusterRows('s', opening),
    journalRows('s', opening),
  ];
  return createHash('sha256').update(JSON.stringify(all)).digest('hex').slice(0, 16);
}
