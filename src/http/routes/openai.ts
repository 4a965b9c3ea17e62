import type { Operation } from '../../core/operation.ts'
import { openaiChatDialect, openaiDialect } from '../../dialects/openai/openai-dialect.ts'
import { decodeName, forMethods, type MethodTable, type Route, type RouteFamily } from './route.ts'

/** POST paths of OpenAI's family. Every one is also served without `/v1`: clients differ in what they call the base. */
const operationPaths: Readonly<Record<string, Operation>> = {
  '/chat/completions': 'chat',
  '/completions': 'completion',
  '/embeddings': 'embedding',
  '/moderations': 'moderation',
  '/rerank': 'rerank',
  '/reranking': 'rerank',
  '/audio/transcriptions': 'transcription',
  '/audio/translations': 'translation',
  '/audio/speech': 'speech',
  '/images/generations': 'image-generation',
  '/images/edits': 'image-edit',
  '/images/variations': 'image-variation',
}

const listModels = forMethods(['GET', 'HEAD'], {
  name: 'models',
  dialect: openaiDialect,
  scope: 'chat',
  purpose: 'list-models',
})

export const openaiRoutes: RouteFamily = {
  paths: [
    ['/v1/models', listModels],
    ['/models', listModels],
    ...Object.entries(operationPaths).flatMap(([path, operation]): [string, MethodTable][] => {
      const route: Route = {
        name: operation,
        dialect: operation === 'chat' ? openaiChatDialect : openaiDialect,
        scope: 'chat',
        purpose: 'operation',
        operation,
      }
      return [
        [path, { POST: route }],
        [`/v1${path}`, { POST: route }],
      ]
    }),
  ],
  prefixes: ['/v1/models/', '/models/'].map((prefix) => ({ prefix, methods: showModel })),
}

function showModel(encodedModel: string): MethodTable {
  return forMethods(['GET', 'HEAD'], {
    name: 'model',
    dialect: openaiDialect,
    scope: 'chat',
    purpose: 'show-model',
    model: decodeName(encodedModel),
  })
}
