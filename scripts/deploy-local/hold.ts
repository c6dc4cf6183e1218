/** The process that holds the engines and the stand-in of a deployed copy, until it is told to end. */
import { rmSync } from 'node:fs';
import { fetchArtifacts } from '../local/artifacts.ts';
import { dataDirectoryOf, logFileOf } from '../local/data.ts';
import { type Engines, startEngines } from '../local/engines.ts';
import { messageOf } from '../local/failure.ts';
import { cacheDirectory } from '../local/locations.ts';
import { makeMinistack } from '../local/ministack.ts';
import { PART_NAMES, PARTS } from '../local/ports.ts';
import { findPrerequisites } from '../local/prerequisites.ts';
import type { ManagedProcess } from '../local/process.ts';
import { currentProcess } from '../local/process-identity.ts';
import { runDirectoryOf } from '../local/process-records.ts';
import { type Place, standInPort, writeHeld } from './place.ts';
import { launcher, standInVariables } from './stand-in.ts';

/** Runs until SIGINT or SIGTERM. Answers the exit code. */
export async function hold(place: Place, say: (line: string) => void): Promise<number> {
  const told = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve());
  });
  const { directory, basePort } = place;
  let engines: Engines | undefined;
  let standIn: ManagedProcess | undefined;
  try {
    engines = await startEngines({
      directory,
      basePort,
      parts: PART_NAMES.filter((part) => PARTS[part].kind !== 'ministack'),
      onProgress: (line) => say(`  ${line}`),
    });
    standIn = await makeStandIn(place, engines);
    await standIn.start();
    writeHeld(place, {
      supervisor: currentProcess(),
      endpoint: `http://127.0.0.1:${standInPort(place)}`,
    });
    say('  engines and stand-in are up');
    await told;
    return 0;
  } catch (error) {
    say(messageOf(error));
    return 1;
  } finally {
    await standIn?.stop().catch((error: unknown) => say(messageOf(error)));
    await engines?.stop().catch((error: unknown) => say(messageOf(error)));
  }
}

/** What is deployed to it is gone with it: so it begins empty each time. */
async function makeStandIn(place: Place, engines: Engines): Promise<ManagedProcess> {
  const { directory } = place;
  const kinds = new Set(['ministack'] as const);
  const prerequisites = await findPrerequisites(kinds, process.env);
  const artifacts = fetchArtifacts({
    kinds,
    cacheDirectory: cacheDirectory(process.env),
    prerequisites,
    onProgress: () => {},
  });
  const dataDirectory = dataDirectoryOf(directory, 'aws-a');
  rmSync(dataDirectory, { recursive: true, force: true });
  return makeMinistack({
    name: 'stand-in',
    python: await artifacts.ministack,
    dataDirectory,
    port: standInPort(place),
    logFile: logFileOf(directory, 'stand-in'),
    runDirectory: runDirectoryOf(directory),
    launcher,
    variables: { ...standInVariables(engines), PERSIST_STATE: '0', S3_PERSIST: '0' },
  });
}
