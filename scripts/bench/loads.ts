/** Loading each function's bundle, beside an empty one and the clients alone. */
import { execFile } from 'node:child_process';
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { bundleFunctions, bundleOptions } from '../local/bundle.ts';
import { median } from './measure.ts';
import { digits, rounded, type Section } from './section.ts';

const rounds = 7;
const root = fileURLToPath(new URL('../../', import.meta.url));

const clients: Readonly<Record<string, string>> = {
  empty: '',
  ioredis: "import { Redis } from 'ioredis'; globalThis.kept = Redis;",
  mysql2: "import mysql from 'mysql2/promise'; globalThis.kept = mysql;",
  'client-sqs':
    "import { SQSClient, SendMessageCommand } from '@aws-sdk/client-sqs'; globalThis.kept = [SQSClient, SendMessageCommand];",
  opensearch: "import { Client } from '@opensearch-project/opensearch'; globalThis.kept = Client;",
  zod: "import { z } from 'zod'; globalThis.kept = z;",
  'zod/mini': "import * as z from 'zod/mini'; globalThis.kept = [z.string, z.strictObject, z.safeParse];",
};

interface Load {
  readonly name: string;
  readonly kilobytes: number;
  readonly milliseconds: number;
}

const execute = promisify(execFile);

/** Milliseconds that a new process takes to import the module. */
async function importMs(file: string): Promise<number> {
  const program = `const start = performance.now(); await import(${JSON.stringify(file)}); process.stdout.write(String(performance.now() - start)); process.exit(0);`;
  const { stdout } = await execute(process.execPath, ['--input-type=module', '-e', program]);
  return Number(stdout);
}

export const loads: Section = {
  name: 'loads',
  about: 'time and size of loading each function’s bundle',
  async run({ directory }) {
    const functionsAt = join(directory, 'functions');
    const clientsAt = join(directory, 'clients');
    mkdirSync(clientsAt, { recursive: true });
    const bundles = await bundleFunctions(functionsAt);
    await Promise.all(
      Object.entries(clients).map(([name, contents]) =>
        build({
          ...bundleOptions,
          splitting: false,
          stdin: { contents, resolveDir: root },
          outfile: join(clientsAt, `${name.replace('/', '-')}.mjs`),
        }),
      ),
    );
    const files = [
      ...Object.keys(clients).map((name) => {
        const file = join(clientsAt, `${name.replace('/', '-')}.mjs`);
        return { name, file, bytes: statSync(file).size };
      }),
      ...[...bundles].map(([name, { bytes }]) => ({ name, file: join(functionsAt, `${name}.mjs`), bytes })),
    ];
    const times = new Map<string, number[]>(files.map(({ name }) => [name, []]));
    for (let round = 0; round <= rounds; round++) {
      for (const { name, file } of files) {
        const tookMs = await importMs(file);
        if (round > 0) times.get(name)?.push(tookMs);
      }
    }
    const load: Load[] = files.map(({ name, bytes }) => ({
      name,
      kilobytes: rounded(bytes / 1024),
      milliseconds: rounded(median(times.get(name) ?? [])),
    }));
    return {
      tables: [
        {
          title: 'Loading',
          note: 'What a new process takes to import the module as it is deployed (bundled and minified), and its size with all that is loaded with it. What a function imports only when it is needed does not count: a hit needs none of it, once the callers are known.',
          head: ['', 'KB', 'ms'],
          rows: load.map(({ name, kilobytes, milliseconds }) => [
            name,
            digits(kilobytes),
            digits(milliseconds),
          ]),
        },
      ],
      json: { load },
    };
  },
};
