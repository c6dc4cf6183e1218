/** What the functions without HTTP are made of. `composition/` fills it; tests fill it with fakes. */
import type { PromotionOptions, PromotionOutcome } from '../core/failover/promotion.ts';
import type { Clock, Deadline } from '../core/kernel/clock.ts';
import type { Observer } from '../core/observer/observer.ts';
import type { CentreName } from '../core/propagation/event.ts';
import type { SyncMessage } from '../core/propagation/ports.ts';
import type { Relay } from '../core/propagation/relay.ts';
import type { Meter } from './telemetry/meter.ts';
import type { RelayReport } from './telemetry/relay-report.ts';
import type { Traces } from './telemetry/traces.ts';
import type { Log } from './telemetry.ts';

export interface ApplyChangeParts {
  readonly centre: CentreName;
  readonly clock: Clock;
  /** Null when the body is no message of a known form. */
  decode(body: string): SyncMessage | null;
  apply(message: SyncMessage, deadline: Deadline): Promise<void>;
  readonly log: Log;
  readonly meter: Pick<Meter, 'reset' | 'readings'>;
  readonly traces: Traces;
}

export interface RelayParts {
  readonly centre: CentreName;
  readonly clock: Clock;
  readonly relay: Pick<Relay, 'run'>;
  readonly report: Pick<RelayReport, 'run'>;
  readonly log: Log;
}

export interface PromoteParts {
  readonly centre: CentreName;
  readonly promote: (options: PromotionOptions) => Promise<PromotionOutcome>;
  readonly log: Log;
}

export interface ObserverParts {
  readonly clock: Clock;
  readonly observer: Observer;
  readonly log: Log;
}
