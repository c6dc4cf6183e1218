import type { Clock } from '../../core/kernel/clock.ts';
import { dayOf, type Ids, type Random } from '../../core/kernel/ids.ts';

const counterMax = 0xfff;
const counterSeedMask = 0x7ff;
const tokenBytes = 16;

/**
 * Members' ids are UUIDv7 with the 12 bits after the time as a counter (RFC 9562, section 6.2, method 1): within this
 * process each is above the one before, also within a millisecond and when the clock goes back.
 */
export function makeIds(clock: Clock, random: Random): Ids {
  let lastMs = -1;
  let counter = 0;

  return {
    memberId() {
      const nowMs = Math.floor(clock.nowMs());
      const bytes = Buffer.from(random.bytes(10));
      const seed = bytes.readUInt16BE(8) & counterSeedMask;
      if (nowMs > lastMs) [lastMs, counter] = [nowMs, seed];
      else if (counter < counterMax) counter += 1;
      else [lastMs, counter] = [lastMs + 1, seed];

      const time = lastMs.toString(16).padStart(12, '0');
      const versioned = (0x7000 | counter).toString(16);
      bytes.writeUInt8((bytes.readUInt8(0) & 0x3f) | 0x80, 0);
      const rest = bytes.toString('hex', 0, 8);
      return `${time.slice(0, 8)}-${time.slice(8)}-${versioned}-${rest.slice(0, 4)}-${rest.slice(4)}`;
    },

    token() {
      return `${dayOf(clock.nowMs())}.${Buffer.from(random.bytes(tokenBytes)).toString('base64url')}`;
    },
  };
}
