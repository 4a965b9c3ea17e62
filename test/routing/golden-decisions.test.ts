import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'

import type { ChatOutline } from '../../src/core/chat/chat-outline.ts'
import { LlmrError } from '../../src/core/error.ts'
import type { ModelDescription } from '../../src/core/model.ts'
import type { Operation } from '../../src/core/operation.ts'
import type { TrustZone } from '../../src/core/trust.ts'
import type { CatalogueEntry } from '../../src/routing/catalogue-entry.ts'
import { classifyRequest } from '../../src/routing/classify-request.ts'
import { decideRoute } from '../../src/routing/decide-route.ts'
import type { Intent } from '../../src/routing/intent.ts'
import { backendOf, catalogueOf, inputOf, outlineOf } from './samples.ts'

interface Policy {
  readonly policy: string
  readonly backends: Readonly<Record<string, Backend>>
  readonly models: Readonly<Record<string, Omit<CatalogueEntry, 'name'>>>
  readonly requests: readonly GoldenRequest[]
}

interface Backend {
  readonly trust: TrustZone
  readonly models: readonly (string | ModelDescription)[]
  readonly modelGlobs?: readonly string[]
}

interface GoldenRequest extends Partial<ChatOutline> {
  readonly what: string
  readonly user?: string
  readonly ask: {
    readonly model?: string
    readonly operation?: Operation
    readonly approximateTokens?: number
    readonly taskHeader?: string
    readonly intent?: Intent
    readonly lastUsedModel?: string
    readonly mayLeave?: TrustZone
    readonly mayUse?: readonly string[]
  }
  readonly goes?: string
  readonly because?: string
  readonly after?: readonly string[]
  readonly refused?: string
}

const fixture = join(import.meta.dirname, '../fixtures/routing/decisions.yaml')
const policies = parse(readFileSync(fixture, 'utf8')) as Policy[]

describe.each(policies)('$policy', ({ backends, models, requests }) => {
  const inventories = Object.entries(backends).map(([name, { models, ...rest }]) => backendOf(name, models, rest))
  const catalogue = catalogueOf(inventories, models)

  test.each(requests)('$what', ({ user, ask, goes, because, after = [], refused, ...rest }) => {
    const { operation = 'chat', taskHeader, mayUse, intent, lastUsedModel, mayLeave, model, approximateTokens } = ask
    const { toolNames = [], hasImages = false, isStream = true } = rest
    const ofChat = outlineOf({ lastUserText: user, toolNames, hasImages, isStream })
    const outline = operation === 'chat' ? ofChat : undefined
    const classification = classifyRequest({ operation, outline, taskHeader })
    const mayUseModel = mayUse && ((name: string) => mayUse.includes(name))
    const input = inputOf(
      catalogue,
      { operation, model, approximateTokens, outline, classification },
      { intent, lastUsedModel, mayLeave, mayUseModel },
    )
    expect(tell(() => decideRoute(input))).toEqual(refused ? { refused } : { goes, because, after })
  })
})

function tell(decide: () => ReturnType<typeof decideRoute>): object {
  try {
    const { candidates, reason, fallbacks } = decide()
    return {
      goes: tellPlaces(candidates),
      because: reason,
      after: fallbacks.map((route) => tellPlaces(route.candidates)),
    }
  } catch (error) {
    if (error instanceof LlmrError) return { refused: error.code }
    throw error
  }
}

/** `model @ backend, backend`: what the engines are asked for, and where. */
function tellPlaces(candidates: readonly { readonly backend: string; readonly model: string }[]): string {
  const names = new Set(candidates.map(({ model }) => model))
  return `${[...names].join(' or ')} @ ${candidates.map(({ backend }) => backend).join(', ')}`
}
