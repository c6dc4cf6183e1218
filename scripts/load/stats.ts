/** What a run counts, by kind of request. */

export interface FaultSeen {
  readonly kind: string;
  readonly fault: string;
  readonly detail: string;
}

export interface KindStats {
  readonly latenciesMs: number[];
  answered: number;
  /** Of reads, where they were answered from. */
  readonly sources: Record<string, number>;
  readonly freshness: Record<string, number>;
  readonly failures: Record<string, number>;
}

const faultsShownMax = 20;

export function makeStats() {
  const kinds = new Map<string, KindStats>();
  const faults: FaultSeen[] = [];
  const faultCounts: Record<string, number> = {};
  let judged = 0;

  const of = (kind: string): KindStats => {
    const known = kinds.get(kind);
    if (known) return known;
    const made: KindStats = { latenciesMs: [], answered: 0, sources: {}, freshness: {}, failures: {} };
    kinds.set(kind, made);
    return made;
  };

  return {
    kinds: kinds as ReadonlyMap<string, KindStats>,
    faults: faults as readonly FaultSeen[],
    faultCounts: faultCounts as Readonly<Record<string, number>>,
    judgedCount: () => judged,
    answered(kind: string, latencyMs: number): void {
      const stats = of(kind);
      stats.answered += 1;
      stats.latenciesMs.push(latencyMs);
    },
    read(kind: string, source: string, freshness: string): void {
      const stats = of(kind);
      stats.sources[source] = (stats.sources[source] ?? 0) + 1;
      stats.freshness[freshness] = (stats.freshness[freshness] ?? 0) + 1;
    },
    failed(kind: string, how: string): void {
      const { failures } = of(kind);
      failures[how] = (failures[how] ?? 0) + 1;
    },
    /** An answer was compared with the record; `fault` when it was found wrong. */
    judged(kind: string, fault?: { readonly fault: string; readonly detail: string }): void {
      judged += 1;
      if (!fault) return;
      faultCounts[fault.fault] = (faultCounts[fault.fault] ?? 0) + 1;
      if (faults.length < faultsShownMax) faults.push({ kind, ...fault });
    },
  };
}

export type Stats = ReturnType<typeof makeStats>;
