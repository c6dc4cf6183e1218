/** What the next request of the mix is. */
import type { LoadOptions } from './options.ts';
import { move, type Occupied, type Program, replace, toggle, update } from './programs.ts';
import { oneOf, type Random, shuffled } from './random.ts';
import type { Question, Read } from './reads.ts';
import type { MemberLog } from './record.ts';
import { standing } from './record.ts';
import type { Targets } from './running-copy.ts';
import type { WriteSender } from './writes.ts';
import { makeZipf } from './zipf.ts';

/** Of all reads, those by id. The others are lookups. */
const byIdShare = 0.5;
/** Of lookups, those by the identifier that a member is usually found by. */
const usualShare = 0.95;
/** Of reads by id, those of a member that was cancelled. */
const formerShare = 0.01;
/** Programs are rather gone on with than begun. */
const goOnShare = 0.8;
/** A member that somebody else is writing to is passed over, so often at most. */
const drawsMax = 20;

export interface MixPorts {
  readonly write: WriteSender;
  readonly read: Read;
  readonly targets: Targets;
  readonly members: readonly Occupied[];
  readonly random: Random;
  readonly options: Pick<LoadOptions, 'readShare' | 'zipf' | 'writeZipf'>;
}

interface Running {
  readonly program: Program;
  readonly seats: readonly Occupied[];
}

/** Sends one request, a read or a write, and answers when it is done and judged. */
export function makeMix({ write, read, targets, members, random, options }: MixPorts): () => Promise<void> {
  const orderOfReads = shuffled(members.length, random);
  const orderOfWrites = shuffled(members.length, random);
  const readRank = makeZipf(members.length, options.zipf, random);
  const writeRank = makeZipf(members.length, options.writeZipf, random);
  const at = (index: number | undefined): Occupied => members[index ?? 0] as Occupied;
  const resting: Running[] = [];

  const questionAbout = ({ seat, log, former }: Occupied): Question => {
    if (random() < byIdShare) {
      const isFormer = former.length > 0 && random() < formerShare;
      return { by: 'id', log: isFormer ? oneOf(former, random) : log };
    }
    const all = { ...seat.holdings, [seat.spare.field]: seat.spare.value };
    const field = random() < usualShare ? seat.usualField : oneOf(Object.keys(all), random);
    return { by: 'identifier', field, value: all[field] ?? '' };
  };

  const readOne = (): Promise<void> => {
    const question = questionAbout(at(orderOfReads[readRank()]));
    return read(question.by === 'id' ? 'get' : 'lookup', targets.frontDoor, question);
  };

  const takeSeat = (): Occupied | null => {
    for (let draw = 0; draw < drawsMax; draw++) {
      const drawn = at(orderOfWrites[writeRank()]);
      if (drawn.taken) continue;
      drawn.taken = true;
      return drawn;
    }
    return null;
  };

  const begin = (): Running | null => {
    const first = takeSeat();
    if (first === null) return null;
    const kind = random();
    if (kind < 0.5) return { program: update(first, random), seats: [first] };
    if (kind < 0.75) return { program: toggle(first, random), seats: [first] };
    const second = kind < 0.9 ? takeSeat() : null;
    if (second !== null) return { program: move(first, second, random), seats: [first, second] };
    return { program: replace(first), seats: [first] };
  };

  /** In the centre that did not take the write: it must be seen there at once. */
  const readElsewhere = async (
    about: MemberLog,
    before: MemberLog['writes'][number] | undefined,
    target: string,
  ): Promise<void> => {
    const others = targets.centres.filter((centre) => centre !== target);
    if (others.length === 0) return;
    const named = { ...before?.after?.holdings, ...standing(about)?.holdings };
    const [field, value] = oneOf(Object.entries(named), random);
    const question: Question =
      random() < byIdShare ? { by: 'id', log: about } : { by: 'identifier', field, value };
    await read('read elsewhere', oneOf(others, random), question);
  };

  const writeOne = async (): Promise<void> => {
    const running = (random() < goOnShare ? resting.shift() : null) ?? begin() ?? resting.shift();
    if (!running) return;
    const { value: step, done } = running.program.next();
    if (done || !step) {
      for (const seat of running.seats) seat.taken = false;
      return writeOne();
    }
    const before = step.log?.writes.at(-1);
    const result = await write(step.log, step.request);
    // What went wrong left its members in doubt: nothing more is written to them, but they are read and judged.
    if (result.kind === 'lost') return;
    step.at.log = result.log;
    resting.push(running);
    await readElsewhere(result.log, before, result.target);
  };

  return () => (random() < options.readShare ? readOne() : writeOne());
}
