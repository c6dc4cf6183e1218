/** Rotates the keys that seal members and hash identifiers: see `docs/keys.md`. May be stopped at any point and run again. */
import { randomBytes } from 'node:crypto';
import { operatorParts } from './operator.ts';
import { type RotateOptions, readOptions, UsageFault, usage } from './rotate/options.ts';
import { makeRotationOf } from './rotate/parts.ts';
import { describe } from './rotate/report.ts';

const slotsAStep = 64;

async function run({ dropOld, ...settings }: RotateOptions): Promise<boolean> {
  const parts = operatorParts();
  const { sealing, identifiers } = parts.keyring;
  if (dropOld && identifiers.length === 1)
    throw new UsageFault('--drop-old: the keyring has one identifiers key; run it without');
  const keys = dropOld ? identifiers.slice(0, 1) : identifiers;
  const versions = keys.map(({ version }) => version);
  console.log(`Sealing with key ${sealing[0]?.id}; identifiers under key ${versions.join(' and ')}.`);
  const report = await makeRotationOf(
    parts,
    keys,
  )({
    ...settings,
    versions,
    run: randomBytes(9).toString('base64url'),
    onSlot(step, slot, { seen, refreshed, leftCount }) {
      if ((slot + 1) % slotsAStep === 0)
        console.log(`  ${step}: ${slot + 1} slots, ${seen} seen, ${refreshed} written, ${leftCount} left`);
    },
    onStep: (step) =>
      console.log(step === 'drain' ? '  waiting for the other stores to follow' : '  counting'),
  });
  console.log(describe(report));
  return report.isDone;
}

let code = 1;
try {
  const options = readOptions(process.argv.slice(2));
  if (options === 'help') console.log(usage);
  code = options === 'help' || (await run(options)) ? 0 : 1;
} catch (error) {
  if (error instanceof UsageFault) {
    console.error(`rotate: ${error.message}\n\n${usage}`);
    code = 2;
  } else console.error(`rotate: ${(error as Error).message}; run it again to resume`);
}
process.exit(code);
