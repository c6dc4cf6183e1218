/** The callers: each wishes for something, insists on it, repeats what it asked before, and looks whether it is so. */
import type { Asking } from './asking.ts';
import { keyOf } from './cheap-crypto.ts';
import type { Plan } from './plan.ts';
import type { Surroundings } from './process.ts';
import type { ApiProcess } from './processes.ts';
import { repeatedForMs } from './short-ages.ts';
import type { Truth } from './truth.ts';
import type { Wish, Wishes } from './wishes.ts';

export interface CallerPorts {
  readonly surroundings: Surroundings;
  readonly truth: Truth;
  readonly asking: Asking;
  readonly wishes: Wishes;
  readonly processes: () => readonly ApiProcess[];
}

const rememberedMax = 40;
const attemptsMax = 4;

/** One operation of a caller, from its choice to its answer. */
export function makeOperate(
  ports: CallerPorts,
): (caller: string, pace: Pick<Plan, 'thinkMs' | 'readShare'>) => Promise<void> {
  const { truth, asking, wishes, processes } = ports;
  const { scheduler, random } = ports.surroundings;
  let remembered: { readonly wish: Wish; readonly askedAtMs: number }[] = [];

  const pause = (ms: number): Promise<void> => new Promise((resolve) => scheduler.after(ms, resolve));

  const someProcess = async (): Promise<ApiProcess> => {
    for (;;) {
      const running = processes().filter((process) => !process.isFrozen());
      if (running.length > 0) return random.pick(running);
      await pause(50);
    }
  };

  /** Whoever has an answer to a write looks at once whether it is so. */
  const readBack = async (caller: string, { receipt }: Wish): Promise<void> => {
    if (!receipt) return;
    const changed = truth.commitOf(receipt.memberId, receipt.version)?.event.directory ?? [];
    const identifier = wishes.identifiers.find((one) => changed.some(({ key }) => key === keyOf(one)));
    const look = async (): Promise<void> => {
      const process = await someProcess();
      await (identifier
        ? asking.lookUp(identifier, process, caller)
        : asking.readMember(receipt.memberId, process, caller));
    };
    await Promise.all([look(), look()]);
    while (random.chance(0.5)) {
      await pause(random.pause(150));
      await look();
    }
  };

  /** Asks, and asks again after a failure, or at the same time elsewhere. */
  const insist = async (caller: string, wish: Wish): Promise<void> => {
    for (let attempt = 0; attempt < attemptsMax; attempt++) {
      const asked = [asking.write(wish, await someProcess(), caller)];
      if (random.chance(0.1)) {
        await pause(random.pause(5));
        asked.push(asking.write(wish, await someProcess(), caller));
      }
      const outcomes = await Promise.all(asked);
      const isDone = outcomes.some((outcome) => outcome !== 'lost' && outcome.kind === 'done');
      if (isDone && random.chance(0.5)) await readBack(caller, wish);
      if (outcomes.some((outcome) => outcome !== 'lost' && outcome.kind !== 'unavailable')) return;
      if (random.chance(0.3)) return;
      await pause(random.pause(300));
    }
  };

  const nextWish = (): Wish => {
    remembered = remembered.filter(({ askedAtMs }) => scheduler.nowMs() - askedAtMs < repeatedForMs);
    if (remembered.length > 0 && random.chance(0.12)) {
      const { wish: earlier } = random.pick(remembered);
      return random.chance(0.1) ? wishes.mistaken(earlier) : earlier;
    }
    const wish = wishes.some();
    remembered.push({ wish, askedAtMs: scheduler.nowMs() });
    if (remembered.length > rememberedMax) remembered.shift();
    return wish;
  };

  return async (caller, { thinkMs, readShare }) => {
    await pause(random.pause(thinkMs));
    if (random.chance(readShare)) {
      const memberId = random.chance(0.3) ? wishes.someMember() : null;
      const process = await someProcess();
      const lane = random.chance(0.2) ? 'marketing' : 'critical';
      if (memberId !== null) await asking.readMember(memberId, process, caller, lane);
      else if (random.chance(0.2)) {
        const several = Array.from({ length: 1 + random.below(5) }, () => random.pick(wishes.identifiers));
        await asking.lookUpMany(several, process, caller, lane);
      } else await asking.lookUp(random.pick(wishes.identifiers), process, caller, lane);
      return;
    }
    const wish = nextWish();
    await insist(caller, wish);
    // A registration or a binding is often followed by a change of the same member.
    if (wish.receipt && wish.wanted.length > 0 && random.chance(0.4)) {
      await insist(caller, wishes.update(wish.receipt.memberId));
    }
  };
}
