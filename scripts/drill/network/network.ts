/**
 * The network between each centre's functions and every part: a link each, so that a part can be away for one centre
 * and there for the other.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type CentreName, centreNames } from '../../../functions/core/propagation/event.ts';
import { PART_NAMES, type PartName } from '../../local/ports.ts';
import type { NetworkAnswer, NetworkOrder } from './network-process.ts';
import { clear, type Weather } from './weather.ts';

type Endpoints = Readonly<Record<PartName, string>>;

/** Which links: of these centres' functions (both without it), to these parts. */
export interface Between {
  readonly from?: readonly CentreName[];
  readonly to: readonly PartName[];
}

export interface Network {
  /** Where a centre's functions find each part. */
  endpointsOf(centre: CentreName): Record<PartName, string>;
  set(between: Between, weather: Weather): Promise<void>;
  /** All of it. */
  clear(): Promise<void>;
  close(): void;
}

const linkOf = (centre: CentreName, part: PartName): string => `${centre}>${part}`;

export async function openNetwork(endpoints: Endpoints): Promise<Network> {
  const child = fork(fileURLToPath(new URL('./network-process.ts', import.meta.url)));
  let turn: Promise<unknown> = Promise.resolve();
  const ask = (order: NetworkOrder): Promise<NetworkAnswer> => {
    const answered = turn.then(
      () =>
        new Promise<NetworkAnswer>((resolve, reject) => {
          const ended = (): void => reject(new Error('The process of the network ended.'));
          child.once('exit', ended);
          child.once('message', (answer) => {
            child.off('exit', ended);
            resolve(answer as NetworkAnswer);
          });
          child.send(order);
        }),
    );
    turn = answered.catch(() => {});
    return answered;
  };
  const targets = Object.fromEntries(
    centreNames.flatMap((centre) =>
      PART_NAMES.map((part) => {
        const { hostname, port } = new URL(endpoints[part]);
        return [linkOf(centre, part), { host: hostname, port: Number(port) }];
      }),
    ),
  );
  const opened = await ask({ kind: 'open', targets });
  const ports = 'ports' in opened ? opened.ports : {};
  const set = async ({ from = centreNames, to }: Between, weather: Weather): Promise<void> => {
    const links = from.flatMap((centre) => to.map((part) => linkOf(centre, part)));
    await ask({ kind: 'set', links, weather });
  };
  return {
    endpointsOf: (centre) =>
      Object.fromEntries(
        PART_NAMES.map((part) => {
          const { protocol } = new URL(endpoints[part]);
          return [part, `${protocol}//127.0.0.1:${ports[linkOf(centre, part)]}`];
        }),
      ) as Record<PartName, string>,
    set,
    clear: () => set({ to: PART_NAMES }, clear),
    close: () => void (child.connected && child.disconnect()),
  };
}
