import { test } from 'vitest'

/** A row of docs/failures.md: the test has its name, and `docs.test.ts` compares the two lists. */
export function failureRow(name: string, check: () => Promise<void>): void {
  test(name, check)
}
