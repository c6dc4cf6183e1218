/** What a process does by a call of one of its ports, in the words of the glossary. */

const ofPort: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  members: { read: 'reads the member at its writer', commit: 'commits' },
  registrations: { begin: 'begins the registration' },
  directory: {
    claim: 'claims',
    takeOver: 'takes the claim over',
    settle: 'settles the directory',
    shownBy: 'asks which directory rows a replica shows',
  },
  tokens: { voidToken: 'voids the token' },
  outbox: {
    delivered: 'strikes sinks off the outbox row',
    find: 'looks for the outbox row',
    due: 'takes the outbox rows that are due',
    shownBy: 'asks which outbox rows a replica shows',
    remove: 'lets completed outbox rows go',
    existing: 'asks which outbox rows there are still',
  },
  control: {
    epoch: 'reads the epoch and the lease to write',
    extendLease: 'extends the lease to write',
    beat: 'writes the heartbeat',
    recordGrant: 'has the end of a grant recorded',
    suspend: 'suspends a Redis',
    resume: 'ends the suspension of a Redis',
    lastSequence: 'takes the snapshot of an outbox',
  },
  topology: { read: 'reads the topology' },
  witness: { renew: 'asks the witness for a promise' },
};

const ofCache: Readonly<Record<string, string>> = {
  read: 'reads the cache',
  lease: 'asks for the lease to fill',
  fill: 'fills',
  release: 'gives the lease back',
  fence: 'fences',
  endFences: 'gives fences their end',
  openFences: 'looks for fences without an end',
  grantAgesMs: 'asks how old the grants are',
  clockMs: 'reads the clock',
  publishGrant: 'publishes the grant',
  empty: 'empties the Redis',
  readiness: 'asks whether the Redis is ready',
  prepare: 'puts a nonce',
  markReady: 'writes the ready marker',
  putState: 'copies the topology',
};

const ofOthers: Readonly<Record<string, string>> = {
  member: 'asks for the member',
  identifier: 'asks for the identifier',
  put: 'puts the documents',
  append: 'appends to the journal',
  trim: 'trims the journal',
  entries: 'looks through the journal',
  send: 'queues',
  renew: 'asks the register for a promise',
};

export function tellCall(port: string, method: string): string {
  const told =
    ofPort[port]?.[method] ?? (port.startsWith('redis-') ? ofCache[method] : ofOthers[method]) ?? method;
  return port in ofPort ? told : `${told} (${port})`;
}

const polled = [
  'outbox.due',
  'outbox.shownBy',
  'outbox.existing',
  'directory.shownBy',
  'control.epoch',
  'control.beat',
];

/** Whether it is what relays ask all the time without changing anything. */
export const isPolling = (process: string, port: string, method: string): boolean =>
  process.startsWith('relay') &&
  (polled.includes(`${port}.${method}`) ||
    ['openFences', 'readiness', 'clockMs', 'putState'].includes(method));
