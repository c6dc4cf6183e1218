/** Reads what an old writer alone has into the loss ledger, before it is built anew: see `core/failover/salvage.ts`. */
import { makeOperatorParts } from '../../functions/runtime/composition/operator.ts';
import { salvageFrom } from '../../functions/runtime/composition/promotion.ts';
import { readSettings } from '../../functions/runtime/env.ts';
import { addressIn } from './database-preparation.ts';
import { LocalFailure } from './failure.ts';
import { DATABASE_NAMES, type DatabasePart } from './ports.ts';
import { keptVariables } from './service-secrets.ts';
import { writerIn } from './standing.ts';

/** What `startEngines` does before it builds an old writer anew. */
export const salvaging =
  (directory: string, onProgress: (line: string) => void) =>
  async (_: DatabasePart, adminUrl: string): Promise<void> => {
    const found = await salvage(directory, adminUrl);
    onProgress(`the loss ledger lists ${found} changes that it alone had: "npm run ledger"`);
  };

/** @returns how many changes it alone had */
async function salvage(directory: string, adminUrl: string): Promise<number> {
  const centre = (DATABASE_NAMES.A as readonly DatabasePart[]).includes(writerIn(directory)) ? 'A' : 'B';
  const variables = keptVariables(directory, centre);
  if (!variables) throw new LocalFailure('There are no settings of the functions here.');
  const settings = readSettings(variables);
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) process.env[name] ??= variables[name];
  return salvageFrom(settings, makeOperatorParts(settings), addressIn(adminUrl));
}
