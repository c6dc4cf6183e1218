import { createHash } from 'node:crypto';

/** A Redis script: its text, and the digest under which a Redis that has seen it knows it. */
export interface Script {
  readonly lua: string;
  readonly sha1: string;
}

export const script = (lua: string): Script => ({ lua, sha1: createHash('sha1').update(lua).digest('hex') });
