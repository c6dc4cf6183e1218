/**
 * An OpenSearch cluster of one node, tuned to start fast on a small machine: the JVM is run directly, compiles
 * lightly, and takes its parsed classes from an archive once there is one.
 */
import { chownSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unprivilegedUser } from './locations.ts';
import { probe } from './probes.ts';
import { type ManagedProcess, makeManagedProcess, type ProcessPlan } from './process.ts';

export interface OpensearchNode {
  name: string;
  /** Where OpenSearch was unpacked. */
  baseDirectory: string;
  java: string;
  dataDirectory: string;
  port: number;
  transportPort: number;
  logFile: string;
}

export const SEARCH_HEALTH_PATH = '/_cluster/health?local=true&timeout=1s';

const HEAP = '512m';
const DIRECT_MEMORY_BYTES = 256 * 1024 * 1024;
const READY_WITHIN_MS = 120_000;
const STOP_WITHIN_MS = 15_000;

/** What OpenSearch's own launcher passes, which is left out here because it takes two more JVMs to say it. */
const JVM_OPTIONS = [
  `-Xms${HEAP}`,
  `-Xmx${HEAP}`,
  `-XX:MaxDirectMemorySize=${DIRECT_MEMORY_BYTES}`,
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-Xss1m',
  '-XX:-OmitStackTraceInFastThrow',
  '-Xshare:auto',
  '-Djava.security.manager=allow',
  '-Djava.awt.headless=true',
  '-Djava.locale.providers=SPI,COMPAT',
  '-Dfile.encoding=UTF-8',
  '-Djna.nosys=true',
  '-Dio.netty.noUnsafe=true',
  '-Dio.netty.noKeySetOptimization=true',
  '-Dio.netty.recycler.maxCapacityPerThread=0',
  '-Dio.netty.allocator.numDirectArenas=0',
  '-Dlog4j.shutdownHookEnabled=false',
  '-Dlog4j2.disable.jmx=true',
  '-Dopensearch.networkaddress.cache.ttl=60',
  '-Dopensearch.networkaddress.cache.negative.ttl=10',
];

const LOGGING = `status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = [%d{ISO8601}][%-5p][%-25c{1.}] %marker%m%n
rootLogger.level = warn
rootLogger.appenderRef.console.ref = console
`;

export function makeOpensearch(
  node: OpensearchNode & { archive: string; runDirectory: string },
): ManagedProcess {
  // Only when it is there: a missing archive costs more than none.
  const options = existsSync(node.archive) ? [`-XX:SharedArchiveFile=${node.archive}`] : [];
  return makeManagedProcess(planOpensearch(node, options), node.runDirectory);
}

/** Lays out the node's directory and says how to run it. */
export function planOpensearch(node: OpensearchNode, moreJvmOptions: string[]): ProcessPlan {
  const config = join(node.dataDirectory, 'config');
  const temporary = join(node.dataDirectory, 'tmp');
  const directories = [
    node.dataDirectory,
    config,
    temporary,
    join(node.dataDirectory, 'logs'),
    join(node.dataDirectory, 'data'),
  ];
  for (const directory of directories) mkdirSync(directory, { recursive: true });
  writeFileSync(join(config, 'opensearch.yml'), settingsOf(node));
  writeFileSync(join(config, 'log4j2.properties'), LOGGING);
  const user = unprivilegedUser();
  if (user) for (const directory of directories) chownSync(directory, user.uid, user.gid);
  const classPath = readdirSync(join(node.baseDirectory, 'lib'))
    .filter((file) => file.endsWith('.jar'))
    .sort()
    .map((file) => join(node.baseDirectory, 'lib', file))
    .join(':');
  return {
    name: node.name,
    command: node.java,
    args: [
      ...JVM_OPTIONS,
      ...moreJvmOptions,
      `-Djava.io.tmpdir=${temporary}`,
      `-XX:ErrorFile=${join(node.dataDirectory, 'logs', 'hs_err_pid%p.log')}`,
      `-Dopensearch.path.home=${node.baseDirectory}`,
      `-Dopensearch.path.conf=${config}`,
      '-Dopensearch.distribution.type=zip',
      '-Dopensearch.bundled_jdk=false',
      '-cp',
      classPath,
      'org.opensearch.bootstrap.OpenSearch',
    ],
    env: { HOME: node.dataDirectory, TMPDIR: temporary, LC_ALL: 'C.UTF-8' },
    workingDirectory: node.dataDirectory,
    logFile: node.logFile,
    user,
    isReady: async () =>
      (await probe(`http://127.0.0.1:${node.port}`, { healthPath: SEARCH_HEALTH_PATH })) === 'up',
    readyWithinMs: READY_WITHIN_MS,
    stopWithinMs: STOP_WITHIN_MS,
  };
}

function settingsOf(node: OpensearchNode): string {
  const settings: Record<string, string | number | boolean> = {
    'cluster.name': node.name,
    'node.name': node.name,
    'path.data': join(node.dataDirectory, 'data'),
    'path.logs': join(node.dataDirectory, 'logs'),
    'network.host': '127.0.0.1',
    'http.port': node.port,
    'transport.port': node.transportPort,
    'discovery.type': 'single-node',
    // A full disk of the user's must not turn indexes read-only.
    'cluster.routing.allocation.disk.threshold_enabled': false,
    // Indexes are made by the schema; a name with a slip in it is an error.
    'action.auto_create_index': false,
    'bootstrap.memory_lock': false,
  };
  // JSON's scalars are YAML's.
  return Object.entries(settings)
    .map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`)
    .join('');
}
