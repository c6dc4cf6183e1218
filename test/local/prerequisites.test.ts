import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EngineKind } from '../../scripts/local/ports.ts';
import { findPrerequisites } from '../../scripts/local/prerequisites.ts';

const ALL: ReadonlySet<EngineKind> = new Set<EngineKind>(['mariadb', 'redis', 'opensearch', 'ministack']);

let machine: string;

beforeEach(() => {
  machine = mkdtempSync(join(tmpdir(), 'membership-machine-'));
});

afterEach(() => rmSync(machine, { recursive: true }));

/** Puts a program on the machine that prints and ends as told. */
function install(name: string, prints = '', code = 0): void {
  const path = join(machine, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, `#!/bin/sh\necho '${prints}' >&2\nexit ${code}\n`);
  chmodSync(path, 0o755);
}

function installAll(): void {
  install('java', 'openjdk version "17.0.15" 2025-04-15');
  install('mvn');
  install('python3');
}

describe('prerequisites', () => {
  it('that are missing are named all together, each with how to get it', async () => {
    const asked = findPrerequisites(ALL, { PATH: machine });
    await expect(asked).rejects.toThrow(/Java 17 to 23.*openjdk-17-jre-headless/);
    await expect(asked).rejects.toThrow(/Maven.*apt-get install maven/);
    await expect(asked).rejects.toThrow(/Python 3\.10 or newer.*python3-venv/);
  });

  it('are found by their paths', async () => {
    installAll();
    expect(await findPrerequisites(ALL, { PATH: `/nowhere:${machine}` })).toEqual({
      java: join(machine, 'java'),
      maven: join(machine, 'mvn'),
      python: join(machine, 'python3'),
      redisServer: undefined,
    });
  });

  it('say which Java was found when it is too old, and take JAVA_HOME before the PATH', async () => {
    installAll();
    install('java', 'openjdk version "11.0.2"');
    await expect(findPrerequisites(ALL, { PATH: machine })).rejects.toThrow(/java is Java 11/);
    install('home/bin/java', 'openjdk version "21.0.1"');
    const found = await findPrerequisites(ALL, { PATH: machine, JAVA_HOME: join(machine, 'home') });
    expect(found.java).toBe(join(machine, 'home/bin/java'));
  });

  it('include a Python with venv', async () => {
    installAll();
    install('python3', '', 1);
    await expect(findPrerequisites(ALL, { PATH: machine })).rejects.toThrow(/with venv .*python3-venv/);
  });

  it('use a redis-server of 6.2 or newer and pass over an older one', async () => {
    installAll();
    install('redis-server', 'Redis server v=6.0.16 sha=0');
    expect((await findPrerequisites(ALL, { PATH: machine })).redisServer).toBeUndefined();
    install('redis-server', 'Redis server v=7.0.15 sha=0');
    expect((await findPrerequisites(ALL, { PATH: machine })).redisServer).toBe(join(machine, 'redis-server'));
  });

  it('are none when nothing is to be started', async () => {
    await expect(findPrerequisites(new Set(), { PATH: machine })).resolves.toBeDefined();
  });
});
