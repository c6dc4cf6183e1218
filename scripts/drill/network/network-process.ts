/** All links, in a process of their own, so that what they carry waits for nobody else's work. */
import { type Link, openLink } from './link.ts';
import type { Weather } from './weather.ts';

/** What the drill tells this process; each is answered, in order. */
export type NetworkOrder =
  | { readonly kind: 'open'; readonly targets: Readonly<Record<string, { host: string; port: number }>> }
  | { readonly kind: 'set'; readonly links: readonly string[]; readonly weather: Weather };

/** Of an `open`: the port of each link. */
export type NetworkAnswer = { readonly ports: Readonly<Record<string, number>> } | { readonly done: true };

const links = new Map<string, Link>();

async function follow(order: NetworkOrder): Promise<NetworkAnswer> {
  if (order.kind === 'set') {
    for (const name of order.links) links.get(name)?.set(order.weather);
    return { done: true };
  }
  for (const [name, target] of Object.entries(order.targets)) links.set(name, await openLink(target));
  return { ports: Object.fromEntries([...links].map(([name, { port }]) => [name, port])) };
}

process.on('message', (order) => {
  void follow(order as NetworkOrder).then((answer) => process.send?.(answer));
});
process.on('disconnect', () => process.exit());
