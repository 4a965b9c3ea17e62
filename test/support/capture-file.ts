import { join } from 'node:path'

const folder = process.env['LLMR_TEST_CAPTURES'] ?? join(import.meta.dirname, '../../../shared/captures')

/** Recorded requests of a real client; tests skip by name where the file does not exist. */
export function captureFile(name: string): string {
  return join(folder, `${name}.json`)
}
