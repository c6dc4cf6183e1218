/** Building a database server anew, as a copy of one that follows. That one does not serve meanwhile: seconds. */
import { renameSync, rmSync } from 'node:fs';
import { dataDirectoryOf } from './data.ts';
import { LocalFailure } from './failure.ts';
import { copyDataDirectory } from './mariadb.ts';
import type { DatabasePart } from './ports.ts';
import type { ManagedProcess } from './process.ts';
import { writerIn } from './standing.ts';

export function makeRebuild(at: {
  readonly directory: string;
  readonly databases: readonly DatabasePart[];
  readonly engineOf: (part: DatabasePart) => ManagedProcess | undefined;
}): (part: DatabasePart) => Promise<void> {
  const { directory, databases, engineOf } = at;
  /** One after the other: two may not lend to each other. */
  let last: Promise<void> = Promise.resolve();

  const rebuild = async (part: DatabasePart): Promise<void> => {
    const lender = databases.find(
      (one) => one !== part && one !== writerIn(directory) && engineOf(one)?.state() === 'up',
    );
    const engine = lender && engineOf(lender);
    if (!engine) throw new LocalFailure(`${part} cannot be built anew: no other server follows the writer.`);
    await engine.stop();
    try {
      const place = dataDirectoryOf(directory, part);
      // As a snapshot would be: until the next time.
      rmSync(`${place}.before`, { recursive: true, force: true });
      renameSync(place, `${place}.before`);
      await copyDataDirectory(dataDirectoryOf(directory, lender), place);
    } finally {
      await engine.start();
    }
  };

  return (part) => {
    last = last.catch(() => {}).then(() => rebuild(part));
    return last;
  };
}
