/** A scenario: one real fault, and what the service promises through it. */
import type { DrillService } from './service/service.ts';

/** What a scenario may do things to. */
export type Stage = Pick<
  DrillService,
  'home' | 'basePort' | 'engines' | 'network' | 'centres' | 'parts' | 'services'
> & {
  say(line: string): void;
};

export interface Scenario {
  readonly name: string;
  /** What is done, to what. */
  readonly fault: string;
  /** What holds all the same, for who reads the report. */
  readonly promises: string;
  /** `engine`: a single engine is lost or slow, and not one critical read may fail for it. */
  readonly of: 'engine' | 'network' | 'centre';
  /** A switch of search or cache is part of it, which the goals give a second. */
  readonly switches?: 'search' | 'cache';
  /** What answers of the part that is hurt name as their source: the report tells when it is read again. */
  readonly source?: string;
  /**
   * Nobody can write until there is a writer again, by promotion or by its engine's own failover: writes are refused
   * meanwhile, and not counted in the availability of writes.
   */
  readonly stopsWrites?: boolean;
  /** How long the fault stands. */
  readonly seconds: number;
  begin(stage: Stage): Promise<unknown>;
  /** While it stands: what an operator does. Answers what is to be told of it. */
  during?(stage: Stage): Promise<Measured>;
  /** Ends it. What was lost is started again. */
  end(stage: Stage): Promise<unknown>;
  /** After the end, once everything has settled. */
  after?(stage: Stage): Promise<Measured>;
}

/** What a scenario measures by itself, in seconds. */
export type Measured = Readonly<Partial<Record<'promotionSeconds' | 'promotionBackSeconds', number>>>;
