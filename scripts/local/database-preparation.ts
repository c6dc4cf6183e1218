import type { DatabaseAddress } from '../../functions/adapters/mysql/database.ts';
import { applyJournalSchema, applySchema } from '../../functions/adapters/mysql/schema/apply.ts';
import { schemaFingerprint } from '../../functions/adapters/mysql/schema/fingerprint.ts';
import { serviceSchemas } from '../../functions/adapters/mysql/schema/service-grants.ts';
import type { DatabasePreparation } from './engines.ts';
import { shardMap } from './function-variables.ts';

const shared = { fingerprint: schemaFingerprint(), databases: [...serviceSchemas] };

/** What the local databases hold before the services start: every slot, by the local shard map, in its newest form. */
export const databasePreparations: {
  prepareWriter: DatabasePreparation;
  prepareJournal: DatabasePreparation;
} = {
  prepareWriter: {
    ...shared,
    apply: (adminUrl) => applySchema({ address: addressIn(adminUrl), clusters }),
  },
  prepareJournal: {
    ...shared,
    apply: (adminUrl) => applyJournalSchema({ address: addressIn(adminUrl) }),
  },
};

const clusters = shardMap.ranges.map(({ first, last, cluster }) => ({
  name: cluster,
  slots: { first, last },
}));

export function addressIn(adminUrl: string): DatabaseAddress {
  const { hostname, port, username, password } = new URL(adminUrl);
  return {
    host: hostname,
    port: Number(port || 3306),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
  };
}
