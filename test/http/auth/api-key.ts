import { hash } from 'node:crypto'

import type { ApiKeySettings } from '../../../src/http/auth/api-keys.ts'

/** Settings of a key, as they would stand in llmr.yaml. */
export function apiKey(secret: string, settings: Partial<ApiKeySettings> = {}): ApiKeySettings {
  return { name: 'alice', sha256: hash('sha256', secret), scopes: ['chat'], trust_user_headers: false, ...settings }
}
