/**
 * The process that owns one running copy: it starts the engines and then the services, says so in the state file, and
 * ends all of it when it is told to, or when it cannot go on.
 */
import { databasePreparations } from './database-preparation.ts';
import { type Engines, startEngines } from './engines.ts';
import { LocalFailure, messageOf } from './failure.ts';
import { demandFreePorts } from './free-port.ts';
import { publicPorts } from './ports.ts';
import { currentProcess } from './process-identity.ts';
import { endRecordedProcesses, runDirectoryOf } from './process-records.ts';
import { describe } from './report.ts';
import { salvaging } from './salvage.ts';
import { startServices } from './services.ts';
import { type LocalState, removeState, writeState } from './state.ts';

type Services = Awaited<ReturnType<typeof startServices>>;

const SERVICES_STOP_WITHIN_MS = 10_000;
const LEFTOVERS_GRACE_MS = 5_000;

/** Runs until SIGINT or SIGTERM. Answers the exit code. */
export async function supervise(
  directory: string,
  basePort: number,
  say: (line: string) => void,
): Promise<number> {
  const since = performance.now();
  const onProgress = (line: string) =>
    say(`  ${((performance.now() - since) / 1000).toFixed(1).padStart(5)} s  ${line}`);
  const told = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve());
  });
  let engines: Engines | undefined;
  let services: Services | undefined;

  const starting = (async () => {
    await demandFreePorts(publicPorts(basePort));
    say(`Starting two centres in ${directory}, ports from ${basePort}:`);
    const beforeRebuild = salvaging(directory, onProgress);
    engines = await startEngines({ directory, basePort, ...databasePreparations, beforeRebuild, onProgress });
    services = await startServices({ engines, basePort, directory, onProgress });
    const state = stateOf(engines, services);
    writeState(directory, state);
    say(describe(state, performance.now() - since));
  })();
  starting.catch(() => {});
  try {
    const isUp = await Promise.race([starting.then(() => true), told.then(() => false)]);
    if (!isUp) {
      // What is half-way up is ended by record; the guardian ends what is spawned after this.
      say('Stopping before it was up.');
      await endRecordedProcesses(runDirectoryOf(directory), currentProcess(), LEFTOVERS_GRACE_MS);
      return 1;
    }
    await told;
    say('Stopping.');
    return 0;
  } catch (error) {
    say(error instanceof LocalFailure ? error.message : String((error as Error)?.stack ?? error));
    return 1;
  } finally {
    removeOwnState(directory, services !== undefined);
    await stopBounded(services).catch((error) => say(messageOf(error)));
    await engines?.stop().catch((error) => say(messageOf(error)));
    say('Stopped.');
  }
}

function stateOf(engines: Engines, services: Services): LocalState {
  const { frontDoor, centres, callers, tryIt } = services;
  const parts = [...engines.parts, ...services.parts];
  return { supervisor: currentProcess(), frontDoor, centres, callers, parts, tryIt };
}

/** One that never came up must not take away the state of another copy in the same directory. */
function removeOwnState(directory: string, wasUp: boolean): void {
  if (wasUp) removeState(directory);
}

async function stopBounded(services: Services | undefined): Promise<void> {
  if (!services) return;
  const limit = new Promise<never>((_, reject) => {
    const late = () => reject(new Error('The services took too long to stop.'));
    setTimeout(late, SERVICES_STOP_WITHIN_MS).unref();
  });
  await Promise.race([services.stop(), limit]);
}
