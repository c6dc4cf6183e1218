/** Who the members of a run are: made from the seed alone, and unlike those of any other seed. */
import { createHash } from 'node:crypto';
import { makeNames } from '../people/people.ts';
import type { Content } from './record.ts';

/** One place of the population. Its member may be cancelled and registered anew. */
export interface Seat {
  readonly index: number;
  /** What it holds at first. Always an account and a phone, so that any of the fields may come and go but the account. */
  readonly holdings: Content['holdings'];
  /** The field that callers who do not know its id usually find it by. */
  readonly usualField: string;
  /** An account on a further platform, that it may take. */
  readonly spare: { readonly field: string; readonly value: string };
}

const names = makeNames(0);

export function makePopulation(seed: number, count: number): readonly Seat[] {
  const hash = createHash('sha256').update(`load ${seed}`).digest();
  const block = String((hash.readUInt32BE(0) % 9_000_000) + 1_000_000);
  const cardBlock = String((hash.readUIntBE(4, 6) % 9_000_000_000) + 1_000_000_000);
  const text = hash.toString('hex', 10, 16);
  return Array.from({ length: count }, (_, index): Seat => {
    const holdings: Record<string, string> = {
      'account:tongcheng-app': `tc-${text}-${index}`,
      phone: `+86${block}${String(index).padStart(6, '0')}`,
    };
    if (index % 3 !== 0) holdings.unionId = `o-${text}-${index}`;
    if (index % 2 === 0) holdings.cardNo = `${cardBlock}${String(index).padStart(10, '0')}`;
    const fields = Object.keys(holdings);
    return {
      index,
      holdings,
      usualField: fields[Math.floor(index / 6) % fields.length] ?? 'phone',
      spare: { field: 'account:elong-app', value: `el:${text}:${index}` },
    };
  });
}

/** The name of a seat's member, different for each of its generations. */
export function nameOf({ index }: Seat, generation: number): string {
  return `${names(index + generation, index % 8 !== 0)} ${index}/${generation}`;
}
