import type { OfferedTool } from '../../../src/toolcalls/parse/tool-table.ts'

const object = (
  properties: object,
  required: readonly string[] = [],
  more: object = {},
): OfferedTool['parameters'] => ({
  type: 'object',
  properties,
  required,
  ...more,
})

/** Sets of tools, each with something that grammars stumble over. */
export const toolSets: Readonly<Record<string, readonly OfferedTool[]>> = {
  'texts and optional ones': [
    {
      name: 'read_file',
      parameters: object(
        {
          path: { type: 'string' },
          limit: { type: 'integer' },
          encoding: { type: 'string' },
          follow: { type: 'boolean' },
        },
        ['path'],
      ),
    },
    {
      name: 'write_file',
      parameters: object({ path: { type: 'string' }, content: { type: 'string' } }, ['path', 'content']),
    },
  ],
  enums: [
    {
      name: 'set_mode',
      parameters: object(
        {
          mode: { enum: ['text', 'a "b" \\ c', 'line\nbreak', "it's", 'größe 🙂', '</parameter>'] },
          level: { type: 'integer', enum: [1, 2, 3] },
          flag: { enum: [true, null, 'yes', 4.5] },
          kind: { const: 'fixed' },
        },
        ['mode', 'level', 'kind'],
      ),
    },
  ],
  'objects in objects': [
    {
      name: 'create_user',
      parameters: object(
        {
          user: object(
            {
              name: { type: 'string' },
              address: object({ street: { type: 'string' }, zip: { type: 'integer' } }, ['zip']),
              tags: { type: 'array', items: { type: 'string' } },
            },
            ['name', 'address'],
          ),
          options: object({ dry: { type: 'boolean' }, retries: { type: 'integer', minimum: 0, maximum: 5 } }),
        },
        ['user'],
      ),
    },
  ],
  arrays: [
    {
      name: 'edit',
      parameters: object(
        {
          edits: {
            type: 'array',
            minItems: 1,
            maxItems: 3,
            items: object({ from: { type: 'string' }, to: { type: 'string' }, all: { type: 'boolean' } }, [
              'from',
              'to',
            ]),
          },
          matrix: { type: 'array', items: { type: 'array', items: { type: 'number' } } },
          pair: { type: 'array', prefixItems: [{ type: 'string' }, { type: 'integer' }] },
          anything: { type: 'array' },
        },
        ['edits', 'matrix'],
      ),
    },
  ],
  numbers: [
    {
      name: 'compute',
      parameters: object(
        {
          port: { type: 'integer', minimum: 1024, maximum: 65535 },
          ratio: { type: 'number', minimum: 0, maximum: 1 },
          open: { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 2 },
          below: { type: 'integer', minimum: -17, exclusiveMaximum: -3 },
          delta: { type: 'number', minimum: -90, maximum: 90 },
          free: { type: 'number' },
        },
        ['port', 'ratio', 'open', 'below', 'delta', 'free'],
      ),
    },
  ],
  unions: [
    {
      name: 'search',
      parameters: object(
        {
          query: {
            anyOf: [
              { type: 'string', minLength: 1 },
              { type: 'array', items: { type: 'string' }, minItems: 1 },
            ],
          },
          range: {
            oneOf: [
              object({ kind: { const: 'last' }, days: { type: 'integer', minimum: 1 } }, ['kind', 'days'], {
                additionalProperties: false,
              }),
              object({ kind: { const: 'all' } }, ['kind'], { additionalProperties: false }),
            ],
          },
          limit: { type: ['integer', 'null'] },
          who: { anyOf: [{ enum: ['me', 'you'] }, { type: 'null' }] },
        },
        ['query', 'range', 'limit'],
      ),
    },
  ],
  references: [
    {
      name: 'build_tree',
      parameters: object({ tree: { $ref: '#/$defs/node' }, root: { $ref: '#/definitions/id' } }, ['tree', 'root'], {
        $defs: {
          node: object(
            {
              value: { type: 'integer' },
              left: { $ref: '#/$defs/node' },
              children: { type: 'array', items: { $ref: '#/$defs/node' } },
            },
            ['value'],
          ),
        },
        definitions: { id: { type: 'string', pattern: '^[a-z]{3}-[0-9]+$' } },
      }),
    },
    {
      name: 'merge',
      parameters: object(
        {
          target: {
            allOf: [object({ id: { type: 'integer' } }, ['id']), object({ name: { type: 'string' } }, ['name'])],
          },
        },
        ['target'],
      ),
    },
  ],
  patterns: [
    {
      name: 'schedule',
      parameters: object(
        {
          code: { type: 'string', pattern: '^[A-Z]{2}\\d{3,5}(?:-(?:alpha|beta))?$' },
          path: { type: 'string', pattern: '^(/[^/ ]+)+$' },
          quoted: { type: 'string', pattern: '^"[^"]*"$' },
          found: { type: 'string', pattern: 'v\\d+' },
          day: { type: 'string', format: 'date' },
          at: { type: 'string', format: 'date-time' },
          id: { type: 'string', format: 'uuid' },
          mail: { type: 'string', format: 'email' },
          short: { type: 'string', minLength: 2, maxLength: 8 },
          name: { type: 'string', minLength: 1 },
        },
        ['code', 'path', 'quoted', 'found', 'day', 'at', 'id', 'mail', 'short', 'name'],
      ),
    },
  ],
  'other members': [
    {
      name: 'set_headers',
      parameters: object(
        {
          headers: { type: 'object', additionalProperties: { type: 'string' } },
          counts: object({ total: { type: 'integer' } }, ['total'], { additionalProperties: { type: 'integer' } }),
          loose: object({ name: { type: 'boolean' }, named: { type: 'integer' } }, [], { additionalProperties: true }),
          closed: object({}, [], { additionalProperties: false }),
          any: {},
        },
        ['headers', 'counts', 'loose'],
      ),
    },
  ],
  'nothing to say': [
    { name: 'now', parameters: { type: 'object', properties: {} } },
    { name: 'list_all', parameters: {} },
    { name: 'stop', parameters: object({}, [], { additionalProperties: false }) },
  ],
  'names of many kinds': [
    {
      name: 'mcp__files__read-file',
      parameters: object({ 'x-trace': { type: 'string' }, größe: { type: 'integer' } }, ['größe']),
    },
    {
      name: 'Search',
      parameters: object({ string: { type: ['string', 'null'] }, value: { type: 'boolean' } }, ['value']),
    },
  ],
  'thirty tools': Array.from({ length: 30 }, (_, at) => ({
    name: `tool_${at}`,
    parameters: object(
      {
        [`first_${at}`]: { type: 'string' },
        mode: { enum: [`a${at}`, `b${at}`] },
        count: { type: 'integer', minimum: at, maximum: at + 100 },
      },
      [`first_${at}`, 'mode'],
    ),
  })),
}
