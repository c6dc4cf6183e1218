/**
 * From a line of a file to a body of the API. JSON lines are bodies; a CSV has a header, whose columns are `name`,
 * `phone`, `unionId`, `cardNo` and the platforms, in any order; an empty field is none. No field goes over several lines:
 * nothing that a member has may, and so a quote that is missing costs its own line only.
 */
import { parse } from 'csv-parse/sync';

/** What a line says, or why it cannot be read. */
export type BodyOfLine = { readonly body: unknown } | { readonly fault: 'malformed-csv' | 'malformed-json' };

export type ReadBody = (text: string) => BodyOfLine;

/** The file is not one that members can be read from. */
export class FileFault extends Error {
  readonly code = 'file-fault';
}

export const jsonBody: ReadBody = (text) => {
  try {
    return { body: JSON.parse(text) as unknown };
  } catch {
    return { fault: 'malformed-json' };
  }
};

const ownColumns = ['name', 'phone', 'unionId', 'cardNo'];

/**
 * @param header the file's first line
 * @throws FileFault
 */
export function makeCsvBody(header: string, platforms: readonly string[]): ReadBody {
  const columns = fieldsOf(header)?.map((column) => column.trim());
  const known = `They are ${ownColumns.join(', ')}, and of accounts ${platforms.join(', ')}.`;
  if (!columns) throw new FileFault(`The first line must name the columns. ${known}`);
  for (const [index, column] of columns.entries()) {
    if (columns.indexOf(column) < index) throw new FileFault('The first line names a column twice.');
    if (!ownColumns.includes(column) && !platforms.includes(column)) {
      throw new FileFault(`Column ${index + 1} of the first line is not known. ${known}`);
    }
  }
  if (!columns.includes('name') || !columns.some((column) => platforms.includes(column))) {
    throw new FileFault(`The first line must name the column name, and one of accounts. ${known}`);
  }
  return (text) => {
    const fields = fieldsOf(text);
    if (fields?.length !== columns.length) return { fault: 'malformed-csv' };
    const body: Record<string, unknown> = {};
    const accounts: { platform: string; accountId: string }[] = [];
    for (const [index, column] of columns.entries()) {
      const value = fields[index] ?? '';
      if (value === '') continue;
      if (ownColumns.includes(column)) body[column] = value;
      else accounts.push({ platform: column, accountId: value });
    }
    return { body: { ...body, accounts } };
  };
}

function fieldsOf(text: string): readonly string[] | null {
  try {
    const records = parse(text, { trim: true }) as readonly (readonly string[])[];
    return records.length === 1 ? (records[0] ?? null) : null;
  } catch {
    return null;
  }
}
