/** What a link between a centre's functions and a part can be like. */
export type Weather =
  | { readonly kind: 'clear' }
  /**
   * Nothing arrives and nobody is told: connections stand, and can be made. What is sent is kept, as TCP keeps it, and
   * arrives, late, when the weather clears. `requests`: towards the part only, `answers`: from it only.
   */
  | { readonly kind: 'blackhole'; readonly of: 'both' | 'requests' | 'answers' }
  /** Everything arrives, each way so much later. */
  | { readonly kind: 'latency'; readonly ms: number }
  /** Connections that stand are reset, and so is each that is made. */
  | { readonly kind: 'reset' };

export const clear: Weather = { kind: 'clear' };
