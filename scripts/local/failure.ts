/** Something the person at the keyboard can mend: shown as its message alone, without a stack. */
export class LocalFailure extends Error {
  readonly code = 'local-failure';
  override readonly name = 'LocalFailure';
}

/** The message of whatever was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
