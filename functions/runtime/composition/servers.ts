/** Which server writes: the topology names it, or the centre it is in. A pool for each that is asked, made when it is. */
import type { Database } from '../../adapters/mysql/database.ts';
import type { CentreState } from '../../core/failover/centre-state.ts';
import { DependencyUnavailable } from '../../core/kernel/invariant.ts';
import type { CentreName } from '../../core/propagation/event.ts';
import type { Settings } from '../env.ts';

/** @param connect to an address, under the name that errors give it */
export function makeServers(
  databases: Settings['DATABASES'],
  connect: (name: string, address: string) => Database,
) {
  const made = new Map<string, Database>();

  /** @param server its name among the centre's replicas; null is the centre's writer endpoint */
  const at = (cluster: string, centre: CentreName, server: string | null): Database => {
    const { writers, replicas } = databases[cluster] ?? { writers: {}, replicas: { A: {}, B: {} } };
    const address = server === null ? writers[centre] : (replicas[centre][server] ?? writers[centre]);
    const name = `database ${cluster} in ${server ?? centre}`;
    if (address === undefined) throw new DependencyUnavailable(name, new Error('it has no address here'));
    const database = made.get(name) ?? connect(name, address);
    made.set(name, database);
    return database;
  };

  return {
    at,
    /** The writer of the epoch that this centre knows of. */
    current: (cluster: string, centreState: Pick<CentreState, 'current'>): Database => ({
      name: `database ${cluster}`,
      async run(statements, deadline) {
        const { writer, writers = {} } = await centreState.current(deadline);
        return at(cluster, writer, writers[cluster] ?? null).run(statements, deadline);
      },
      end: async () => void (await Promise.all([...made.values()].map((database) => database.end()))),
    }),
  };
}
