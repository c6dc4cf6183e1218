/**
 * How much of a slot lies under which key. A plain read of the whole slot: the directory by its index alone, the members
 * by the head of each sealed text.
 */
import type { Statement } from '../database.ts';

export const countSealingKeys = (schema: string): Statement => ({
  sql: `SELECT SUBSTRING_INDEX(SUBSTRING_INDEX(LEFT(sealed, 40), '.', 2), '.', -1) AS name, COUNT(*) AS count
    FROM ${schema}.member GROUP BY name`,
});

export const countBoundVersions = (schema: string): Statement => ({
  sql: `SELECT SUBSTRING_INDEX(identifier_key, '.', 1) AS name, COUNT(*) AS count
    FROM ${schema}.directory WHERE state = 'bound' GROUP BY name`,
});
