import { openaiDialect } from '../../dialects/openai/openai-dialect.ts'
import { forMethods, type MethodTable, type RouteFamily } from './route.ts'

/** The page for browsers. Its files hold nothing secret and are open; what it asks for needs a key like any other client. */
export const webRoutes: RouteFamily = {
  paths: [['/ui', page(undefined)]],
  prefixes: [{ prefix: '/ui/', methods: page, isVerbatim: true }],
}

function page(file: string | undefined): MethodTable {
  return forMethods(['GET', 'HEAD'], {
    name: 'ui',
    dialect: openaiDialect,
    scope: undefined,
    purpose: 'web-page',
    file,
  })
}
