/** What the service's own user may do: change rows. No schema changes, and nothing that writes through `read_only`. */

/** Patterns as GRANT takes them: every schema of the service and no other. */
export const serviceSchemas: readonly string[] = ['slot\\_%', 'control\\_%', 'journal'];

/** The statements that give `user` at `host` exactly what the service needs. The account must exist. */
export function grantService(user: string, host: string): readonly string[] {
  for (const name of [user, host]) {
    if (!/^[\w.%-]+$/.test(name))
      throw new Error('an account name may have letters, digits and . _ % - only');
  }
  return serviceSchemas.map(
    (pattern) => `GRANT SELECT, INSERT, UPDATE, DELETE ON \`${pattern}\`.* TO '${user}'@'${host}'`,
  );
}
