import { parseDatabases, prepareDatabases } from './runtime/composition/deployment.ts';
import { customResource } from './runtime/custom-resource.ts';

/** Brings accounts and schema of a centre's databases up to date, by expanding alone. CloudFormation calls it. */
export const handler = customResource(parseDatabases, prepareDatabases);
