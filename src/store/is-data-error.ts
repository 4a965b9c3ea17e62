/**
 * Whether the database refused what it was given, so that it would refuse it again; everything else (no connection, a
 * timeout, a full disk, a deadlock, a schema that is being changed) passes.
 */
export function isDataError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^2[23][0-9A-Z]{3}$/.test(String(error.code))
}
