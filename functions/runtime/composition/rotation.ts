/** The rotation of the databases' passwords, wired. */
import { randomBytes } from 'node:crypto';
import {
  changeOwnPassword,
  ensureAccount,
  findWriter,
  tryAccount,
} from '../../adapters/mysql/schema/accounts.ts';
import { readParametersBelow } from '../../adapters/parameters/parameters-below.ts';
import { makeSecretKeeper } from '../../adapters/secrets/secret-keeper.ts';
import { makeSystemClock } from '../../adapters/system/system-clock.ts';
import { deadlineAfter } from '../../core/kernel/clock.ts';
import { makePasswordRotation, type RotatedAccount, type RotatedDatabase } from '../password-rotation.ts';
import { serverAddress, serversByDatabase } from '../published-servers.ts';

const readWithinMs = 10_000;
const passwordBytes = 30;

/**
 * From the environment: REGION, AUTHORITIES (a file, where servers have certificates), ADMIN (a secret), USER_1, USER_2 (the proxies' secrets), PATHS (JSON:
 * where centres publish their databases).
 */
let made: ReturnType<typeof makePasswordRotation> | undefined;

export function passwordRotation(): ReturnType<typeof makePasswordRotation> {
  made ??= makeRotation();
  return made;
}

function makeRotation() {
  const variable = (name: string): string => {
    const value = process.env[name];
    if (!value) throw new Error(`${name} is missing`);
    return value;
  };
  const clock = makeSystemClock();
  const region = variable('REGION');
  const authoritiesFile = process.env.AUTHORITIES;
  const paths = JSON.parse(variable('PATHS')) as string[];

  const databaseOf = (servers: readonly string[]): RotatedDatabase => {
    const at = (account: RotatedAccount) => (server: string) =>
      serverAddress(server, account, authoritiesFile);
    const writer = async (account: RotatedAccount) => {
      const found = await findWriter(servers.map(at(account)));
      if (found === null) throw new Error(`none of ${servers.join(', ')} takes writes`);
      return found;
    };
    return {
      ensureAccount: async (admin, account) => ensureAccount(await writer(admin), account),
      changeAdmin: async (admin, password) => changeOwnPassword(await writer(admin), password),
      tryAccount: async (account) => tryAccount(await writer(account)),
    };
  };

  return makePasswordRotation({
    secrets: makeSecretKeeper(region),
    async databases() {
      const deadline = deadlineAfter(clock, readWithinMs);
      const found = await Promise.all(
        paths.map((path) => readParametersBelow({ name: 'parameters', region, clock, path, deadline })),
      );
      return serversByDatabase(Object.assign({}, ...found)).map(databaseOf);
    },
    newPassword: () => randomBytes(passwordBytes).toString('base64url'),
    secretNames: {
      admin: variable('ADMIN'),
      ofUser: (username) => variable(username.endsWith('_1') ? 'USER_1' : 'USER_2'),
    },
  });
}
