import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { bundleFunctionsNow } from '../../scripts/local/bundle.ts';

let directory: string | undefined;

/**
 * The code of every function, bundled as everywhere else: one asset for all of them, made once a process. A function's
 * handler is `NAME.handler`.
 */
export function functionCode(): Code {
  if (directory === undefined) {
    directory = mkdtempSync(join(tmpdir(), 'membership-functions-'));
    bundleFunctionsNow(directory);
  }
  return Code.fromAsset(directory);
}
