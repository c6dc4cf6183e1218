/**
 * Made-up people, Chinese and English ones: believable, and the same again from the same seed. Person `index` depends on
 * seed and index alone, so a larger run begins with the smaller one's people.
 *
 * Identifiers are unique by construction, and nothing has to be remembered: each comes from the index by a way that can
 * be gone back, and no two seeds have one in common.
 */
import { createCipheriv, createHash } from 'node:crypto';
import { faker as english } from '@faker-js/faker/locale/en';
import { faker as chinese } from '@faker-js/faker/locale/zh_CN';
import type { Identifier } from '../../functions/core/member/identifiers.ts';
import { cardNoOf, peopleMax, phoneOf, seedMax } from './numbers.ts';

export interface Person {
  readonly name: string;
  readonly identifiers: readonly Identifier[];
}

/** Of a hundred people, how many come first to each platform, in the order of the service's list. */
const firstShares = [30, 14, 46, 10] as const;

/** How many people in a hundred have at least one, two, three, four accounts. */
const accountShares = [100, 38, 12, 3] as const;
const shares = { chinese: 88, phone: 94, unionId: 78, cardNo: 22 } as const;

/** The version of the people: another one makes others of the same seed. */
export const peopleVersion = 1;

/**
 * @param seed 0 to 69
 * @param platforms those that the service knows, at least one; the first four have people
 * @throws RangeError for an index that the seed has no person of
 */
export function makePeople(seed: number, platforms: readonly string[]): (index: number) => Person {
  if (!Number.isInteger(seed) || seed < 0 || seed > seedMax)
    throw new RangeError(`seeds are 0 to ${seedMax}`);
  const nameOf = makeNames(seed);
  const key = createHash('sha256').update(`people ${peopleVersion} ${seed}`).digest();

  const cipher = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false);
  /** 16 bytes that nothing else of this seed has, and that look like nothing: a block cipher is one to one. */
  const scatter = (what: number, index: number): Buffer => {
    const block = Buffer.alloc(16);
    block.writeUInt8(what, 0);
    block.writeUIntBE(index, 8, 6);
    return cipher.update(block);
  };

  return (index) => {
    if (!Number.isInteger(index) || index < 0 || index >= peopleMax) {
      throw new RangeError(`a seed has people 0 to ${peopleMax - 1}`);
    }
    const dice = scatter(0, index);
    const roll = (at: number): number => dice.readUInt16BE(2 * at) % 100;
    const isChinese = roll(0) < shares.chinese;
    const identifiers: Identifier[] = [];
    if (roll(1) < shares.phone) identifiers.push({ kind: 'phone', value: phoneOf(seed, index, isChinese) });
    const isOnWeChat = roll(2) < shares.unionId;
    if (isOnWeChat) {
      identifiers.push({ kind: 'unionId', value: `oU${scatter(1, index).toString('base64url')}` });
    }
    if (roll(3) < shares.cardNo) identifiers.push({ kind: 'cardNo', value: cardNoOf(seed, index) });
    for (const platform of platformsOf(platforms.slice(0, firstShares.length), roll(4), roll(5))) {
      const initials = platform.replaceAll(/(?<=\w)[^-]+|-/g, '');
      const value = `${initials}-${scatter(2, index).toString('base64url')}`;
      identifiers.push({ kind: 'account', platform, value });
    }
    return { name: nameOf(index, isChinese), identifiers };
  };
}

/**
 * Names by number, the same for the same seed and number. To seed the library costs more than a dozen names: they are
 * made, and kept for a while, in blocks.
 */
export function makeNames(seed: number): (number: number, isChinese: boolean) => string {
  const kept = new Map<string, readonly string[]>();
  return (number, isChinese) => {
    const block = Math.floor(number / blockSize);
    const key = `${isChinese} ${block}`;
    let names = kept.get(key);
    if (!names) {
      if (kept.size === blocksKeptMax) kept.clear();
      names = blockOfNames(seed, block, isChinese);
      kept.set(key, names);
    }
    return names[number % blockSize] ?? '';
  };
}

const blockSize = 256;
const blocksKeptMax = 128;

function blockOfNames(seed: number, block: number, isChinese: boolean): readonly string[] {
  const faker = isChinese ? chinese : english;
  faker.seed([peopleVersion, seed, block]);
  return Array.from({ length: blockSize }, () => {
    const [first, last] = [faker.person.firstName(), faker.person.lastName()];
    return isChinese ? `${last}${first}` : `${first} ${last}`;
  });
}

function platformsOf(platforms: readonly string[], firstRoll: number, countRoll: number): readonly string[] {
  let below = 0;
  const first = firstShares.findIndex((share) => {
    below += share;
    return firstRoll < below;
  });
  const count = Math.min(platforms.length, accountShares.filter((share) => countRoll < share).length);
  return Array.from({ length: count }, (_, at) => platforms[(first + at) % platforms.length] ?? '');
}
