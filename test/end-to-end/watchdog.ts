/**
 * Outlives a test run that was killed, just long enough to stop the copy that it had started.
 *
 * Run as a program: `watchdog.ts HOME`. It waits for the end of its input; a word before that dismisses it.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { stop } from '../../scripts/local/commands.ts';

/** Watches until it is dismissed. */
export function startWatchdog(home: string): { dismiss(): void } {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), home], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.on('error', () => {});
  child.stdin.on('error', () => {});
  child.unref();
  // The pipe is an open handle too, and no reason to go on.
  (child.stdin as unknown as { unref(): void }).unref();
  return { dismiss: () => void child.stdin.end('dismissed') };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  let isDismissed = false;
  for await (const _ of process.stdin) isDismissed = true;
  if (!isDismissed) await stop(process.argv[2] ?? '', () => {});
}
