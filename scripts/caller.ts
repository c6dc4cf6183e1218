/** The registry of callers: `npm run caller -- --help`. */
import { hashCallerKey } from '../functions/adapters/crypto/hashers.ts';
import { makeRegistrar } from '../functions/core/caller/registrar.ts';
import { deadlineAfter } from '../functions/core/kernel/clock.ts';
import { SettingsInvalid } from '../functions/runtime/env.ts';
import { Misused, parseOptions, type Request, usage } from './caller/options.ts';
import { registrarPorts } from './caller/parts.ts';
import { type Report, reportOf, reportOfList } from './caller/report.ts';
import { NoService } from './operator.ts';

const withinMs = 40_000;

async function run(request: Exclude<Request, { readonly kind: 'help' }>): Promise<Report> {
  const ports = registrarPorts();
  const registrar = makeRegistrar(ports);
  const deadline = deadlineAfter(ports.clock, withinMs);
  switch (request.kind) {
    case 'add':
      return reportOf(await registrar.add(request.particulars, deadline), request.particulars.name);
    case 'rotate':
      return reportOf(await registrar.rotate(request.name, request.onOneCentre, deadline), request.name);
    case 'disable':
      return reportOf(await registrar.disable(request.name, deadline), request.name);
    case 'disable-key':
      return reportOf(
        await registrar.disableKey(hashCallerKey(await keyFromInput()), deadline),
        'the caller',
      );
    case 'list':
      return reportOfList(await registrar.list(deadline), request.asJson);
  }
}

/** Never an argument: those stand in the history of a shell, and in the list of processes. */
async function keyFromInput(): Promise<string> {
  let text = '';
  for await (const chunk of process.stdin) {
    text += String(chunk);
    if (text.length > 1_000 || text.includes('\n')) break;
  }
  const key = text.split('\n')[0]?.trim() ?? '';
  if (key === '') throw new Misused('give the key on standard input');
  return key;
}

let exitCode: number;
try {
  const request = parseOptions(process.argv.slice(2));
  const report: Report = request.kind === 'help' ? { lines: [usage], exitCode: 0 } : await run(request);
  console.log(report.lines.join('\n'));
  exitCode = report.exitCode;
} catch (error) {
  const isMisuse = error instanceof Misused;
  console.error(
    `caller: ${(error as Error).message}${isMisuse ? ' ("npm run caller -- --help" tells more)' : ''}`,
  );
  exitCode = isMisuse || error instanceof NoService || error instanceof SettingsInvalid ? 2 : 1;
}
process.exit(exitCode);
