/** Database servers, as the infrastructure's stacks publish them: `/.../CENTRE/database/NAME/servers/0`, `.../replicas/r0`. */
import type { RotatedAccount } from './password-rotation.ts';

const form = /^\/(?<stage>.+)\/(?<centre>[AB])\/database\/(?<name>[^/]+)\/(?:servers|replicas)\/[^/]+$/;

/** The servers of each database: a database cluster's of both centres together, a journal's of its own. */
export function serversByDatabase(
  parameters: Readonly<Record<string, string>>,
): readonly (readonly string[])[] {
  const found = new Map<string, string[]>();
  for (const name of Object.keys(parameters).sort()) {
    const { groups } = form.exec(name) ?? {};
    if (!groups) continue;
    const database = groups.name === 'journal' ? `journal ${groups.centre}` : String(groups.name);
    found.set(database, [...(found.get(database) ?? []), parameters[name] as string]);
  }
  return [...found.values()];
}

/** @param server `host:port` */
export function serverAddress(
  server: string,
  { username, password }: RotatedAccount,
  authoritiesFile?: string,
) {
  const end = server.lastIndexOf(':');
  return {
    host: server.slice(0, end),
    port: Number(server.slice(end + 1)),
    user: username,
    password,
    authoritiesFile,
  };
}
