/** What the drill's clients saw: attempts, and the requests that they are part of. */

export const lanes = ['critical', 'marketing'] as const;
export type LaneName = (typeof lanes)[number];

/** Where an attempt was sent: a name of the front door, or a centre's own. */
export type Target = 'front-door' | 'A' | 'B';

export interface Attempt {
  readonly lane: LaneName;
  readonly kind: 'read' | 'write';
  /** Of what the client was told to do: a write is repeated until its outcome is known, which counts as another request. */
  readonly isFirst: boolean;
  /** By `performance.now()`, as all times here. */
  readonly startMs: number;
  readonly endMs: number;
  readonly target: Target;
  /** Why it is no answer: `no answer`, or status and code. Null for an answer, a refusal of the caller's fault included. */
  readonly failure: string | null;
  /** Of a read that was answered. */
  readonly source: string | null;
  readonly freshness: string | null;
}

/** One attempt or two. */
export interface RequestSeen extends Omit<Attempt, 'target' | 'isFirst'> {
  readonly attempts: number;
}

export interface Seen {
  readonly attempts: Attempt[];
  readonly requests: RequestSeen[];
}
