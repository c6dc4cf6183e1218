/** A process that owns one long-running child in the directory it is given, and waits to be killed. */
import { join } from 'node:path';
import { startGuardian } from '../../../scripts/local/guardian.ts';
import { makeManagedProcess } from '../../../scripts/local/process.ts';
import { runDirectoryOf } from '../../../scripts/local/process-records.ts';

const [directory = '', guarded = ''] = process.argv.slice(2);
const runDirectory = runDirectoryOf(directory);
if (guarded === 'guarded') startGuardian(runDirectory);
const child = makeManagedProcess(
  {
    name: 'sleeper',
    command: process.execPath,
    args: ['-e', 'setInterval(() => {}, 1000)'],
    env: {},
    workingDirectory: directory,
    logFile: join(directory, 'logs', 'sleeper.log'),
    isReady: async () => true,
    readyWithinMs: 10_000,
    stopWithinMs: 5_000,
  },
  runDirectory,
);
await child.start();
process.stdout.write('ready\n');
setInterval(() => {}, 1000);
