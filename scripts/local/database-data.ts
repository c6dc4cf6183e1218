import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataDirectoryOf } from './data.ts';
import { writeFileAtomically } from './files.ts';
import { copyDataDirectory } from './mariadb.ts';
import { type DatabasePreparation, ensureTemplate, FINGERPRINT_FILE } from './mariadb-template.ts';
import { FIRST_WRITER, JOURNAL_NAMES, type PartName, REPLICA_NAMES } from './ports.ts';

export interface DatabaseDataRequest {
  directory: string;
  cacheDirectory: string;
  runDirectory: string;
  baseDirectory: string;
  onProgress: (line: string) => void;
}

/**
 * Gives the writer and its replicas their data directories where they have none yet. All start as equal copies. A
 * replica that lost its data begins as a copy of the writer's, so the writer must not be running.
 */
export async function ensureWriterData(
  parts: PartName[],
  writer: PartName,
  preparation: DatabasePreparation,
  request: DatabaseDataRequest,
): Promise<void> {
  const place = (part: PartName) => dataDirectoryOf(request.directory, part);
  const missing = ([FIRST_WRITER, ...REPLICA_NAMES] as PartName[])
    .filter((part) => parts.includes(part))
    .filter((part) => !existsSync(place(part)));
  if (missing.length === 0) return;
  const source = existsSync(place(writer))
    ? place(writer)
    : await ensureTemplate({ ...request, name: 'mysql', preparation });
  request.onProgress(`copying the database to ${missing.join(', ')}`);
  await Promise.all(missing.map((part) => copyDataDirectory(source, place(part))));
  request.onProgress('copied');
}

export async function ensureJournalData(
  parts: PartName[],
  preparation: DatabasePreparation,
  request: DatabaseDataRequest,
): Promise<void> {
  const missing = JOURNAL_NAMES.filter((part) => parts.includes(part))
    .map((part) => dataDirectoryOf(request.directory, part))
    .filter((place) => !existsSync(place));
  if (missing.length === 0) return;
  const template = await ensureTemplate({ ...request, name: 'journal', preparation });
  await Promise.all(missing.map((place) => copyDataDirectory(template, place)));
}

/** Brings data that an earlier version left to what this one expects. The server must be up and open. */
export async function bringUpToDate(
  dataDirectory: string,
  preparation: DatabasePreparation,
  adminUrl: string,
): Promise<void> {
  const path = join(dataDirectory, FINGERPRINT_FILE);
  if (existsSync(path) && readFileSync(path, 'utf8') === preparation.fingerprint) return;
  await preparation.apply(adminUrl);
  writeFileAtomically(path, preparation.fingerprint);
}
