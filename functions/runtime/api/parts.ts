/** What the functions of the API are made of. `composition/` fills it; tests fill it with fakes. */
import type { MemberReader } from '../../core/cache/reader.ts';
import type { Lane } from '../../core/caller/caller.ts';
import type { CallerRegistry } from '../../core/caller/ports.ts';
import type { CentreState } from '../../core/failover/centre-state.ts';
import type { Clock } from '../../core/kernel/clock.ts';
import type { KeyedHasher } from '../../core/member/ports.ts';
import type { MemberWriter } from '../../core/member/writer.ts';
import type { CentreName } from '../../core/propagation/event.ts';
import type { Health } from '../health.ts';
import type { Meter } from '../telemetry/meter.ts';
import type { Traces } from '../telemetry/traces.ts';
import type { Log } from '../telemetry.ts';
import type { Bodies } from './schemas.ts';

export interface ApiParts {
  readonly centre: CentreName;
  /** The lane that this function serves: callers of the other one are refused. */
  readonly lane: Lane;
  readonly platforms: readonly string[];
  readonly bodies: Bodies;
  readonly clock: Clock;
  readonly callers: CallerRegistry;
  /** What the registry knows a caller's key by. */
  hashCallerKey(key: string): string;
  readonly requestHasher: KeyedHasher;
  readonly state: CentreState;
  readonly reader: MemberReader;
  readonly writer: MemberWriter;
  readonly health: Health;
  readonly log: Log;
  /** What this request asked of the dependencies. */
  readonly meter: Pick<Meter, 'reset' | 'readings'>;
  readonly traces: Traces;
}

/** Made on the first request and kept by the process: nothing is wired, read or connected at import. */
export type Lazily<Value> = () => Value;
