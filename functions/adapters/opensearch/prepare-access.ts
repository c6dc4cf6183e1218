import type { Deadline } from '../../core/kernel/clock.ts';
import { makeSearchClient, type SearchConnection } from './client.ts';
import { indexKinds, readAliasOf } from './names.ts';

const role = 'membership';

/** What the adapters of the service ask a cluster for, and no more: a promotion swaps aliases. */
const permissions = {
  cluster_permissions: ['cluster_composite_ops', 'cluster_monitor'],
  index_permissions: [
    {
      index_patterns: indexKinds.map((kind) => `${readAliasOf('', kind)}-*`),
      allowed_actions: ['read', 'write', 'indices_monitor', 'manage_aliases', 'indices:admin/refresh*'],
    },
  ],
};

/**
 * The service's user in a cluster with fine-grained access, as its administrator: the user, a role of just what the service
 * does, and that the one has the other. Repeatable; the password becomes the one that is given.
 */
export async function ensureServiceUser(
  options: SearchConnection & {
    readonly account: { readonly username: string; readonly password: string };
    readonly deadline: Deadline;
  },
): Promise<void> {
  const { account, deadline } = options;
  const send = makeSearchClient(options);
  const security = '/_plugins/_security/api';
  const wanted = [
    [`roles/${role}`, permissions],
    [`internalusers/${encodeURIComponent(account.username)}`, { password: account.password }],
    [`rolesmapping/${role}`, { users: [account.username] }],
  ] as const;
  for (const [path, body] of wanted) {
    const { status } = await send({ method: 'PUT', path: `${security}/${path}`, body }, deadline);
    // Not what it said: that may hold the password.
    if (status !== 200 && status !== 201) throw new Error(`${path} was refused: ${status}`);
  }
}
