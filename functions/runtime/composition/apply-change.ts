import { decodeMessage } from '../../adapters/sqs/message.ts';
import { makeApplyChange } from '../../core/propagation/apply-change.ts';
import type { Lazily } from '../api/parts.ts';
import type { ApplyChangeParts } from '../batch.ts';
import { readSettings, type Settings } from '../env.ts';
import { makeTraces } from '../telemetry/traces.ts';
import { logToStandardOutput } from '../telemetry.ts';
import { environment } from './environment.ts';
import { makeShared, once } from './shared.ts';

export const applyChangeParts: Lazily<ApplyChangeParts> = once(() =>
  makeApplyChangeParts(readSettings(environment)),
);

function makeApplyChangeParts(settings: Settings): ApplyChangeParts {
  const { clock, random, sinks, stores, centreState, meter } = makeShared(settings, 'background');
  return {
    centre: settings.CENTRE,
    clock,
    decode: decodeMessage,
    apply: makeApplyChange({ sinks, outbox: stores.outbox, centreState, clock }),
    log: logToStandardOutput,
    meter,
    traces: makeTraces(random),
  };
}
