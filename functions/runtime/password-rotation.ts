/**
 * The rotation of a database password, in the four steps that Secrets Manager asks for, each of which may come twice.
 *
 * The service has two users, `NAME_1` and `NAME_2`, which take turns: the one that is not in use gets a new password on
 * every server, then it is the one in use. Who still holds the former one goes on working until the rotation after, and
 * the proxies know both. The administrator's own password is changed in place: nobody but deployments and this uses it.
 */
import type { SecretsManagerRotationEvent } from 'aws-lambda';
import * as z from 'zod/mini';

const text = z.string().check(z.minLength(1));
const accountText = z.object({ username: text, password: text });
export type RotatedAccount = z.output<typeof accountText>;

export interface RotationPorts {
  readonly secrets: {
    current(secret: string): Promise<string>;
    put(secret: string, value: string): Promise<void>;
    pending(secret: string, rotation: string): Promise<string | null>;
    putPending(secret: string, rotation: string, value: string): Promise<void>;
    promote(secret: string, rotation: string): Promise<void>;
  };
  /** Every database, by what says which one failed; `as` changes only how it is asked. */
  readonly databases: () => Promise<readonly RotatedDatabase[]>;
  readonly newPassword: () => string;
  /** The administrator's secret, and where the proxies read each of the two users' passwords. */
  readonly secretNames: { readonly admin: string; readonly ofUser: (username: string) => string };
}

export interface RotatedDatabase {
  ensureAccount(admin: RotatedAccount, account: RotatedAccount): Promise<void>;
  changeAdmin(admin: RotatedAccount, password: string): Promise<void>;
  /** @throws when it is not let in */
  tryAccount(account: RotatedAccount): Promise<void>;
}

export const parseAccount = (value: string): RotatedAccount => accountText.parse(JSON.parse(value));

/** Whose turn it is after `username`; null for a user that has no other. */
export function otherUser(username: string): string | null {
  if (username.endsWith('_1')) return username.replace(/_1$/, '_2');
  return username.endsWith('_2') ? username.replace(/_2$/, '_1') : null;
}

export function makePasswordRotation({ secrets, databases, newPassword, secretNames }: RotationPorts) {
  const pendingOf = async (secret: string, rotation: string): Promise<RotatedAccount> => {
    const pending = await secrets.pending(secret, rotation);
    if (pending === null) throw new Error('the rotation has no new password yet');
    return parseAccount(pending);
  };

  const steps: Record<
    SecretsManagerRotationEvent['Step'],
    (secret: string, rotation: string) => Promise<void>
  > = {
    async createSecret(secret, rotation) {
      if ((await secrets.pending(secret, rotation)) !== null) return;
      const { username } = parseAccount(await secrets.current(secret));
      const account = { username: otherUser(username) ?? username, password: newPassword() };
      await secrets.putPending(secret, rotation, JSON.stringify(account));
    },

    async setSecret(secret, rotation) {
      const account = await pendingOf(secret, rotation);
      const isAdmin = otherUser(account.username) === null;
      const admin = parseAccount(await secrets.current(secretNames.admin));
      for (const database of await databases()) {
        if (!isAdmin) await database.ensureAccount(admin, account);
        // A repeat finds some servers with the new one.
        else await database.tryAccount(account).catch(() => database.changeAdmin(admin, account.password));
      }
      if (!isAdmin) await secrets.put(secretNames.ofUser(account.username), JSON.stringify(account));
    },

    async testSecret(secret, rotation) {
      const account = await pendingOf(secret, rotation);
      for (const database of await databases()) await database.tryAccount(account);
    },

    finishSecret: (secret, rotation) => secrets.promote(secret, rotation),
  };

  return ({ Step: step, SecretId: secret, ClientRequestToken: rotation }: SecretsManagerRotationEvent) =>
    steps[step](secret, rotation);
}
