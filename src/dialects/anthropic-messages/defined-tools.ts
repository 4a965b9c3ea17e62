import type { Tool } from '../../core/chat/chat-request.ts'

/** What a tool is that a request names by its type alone. */
type Definition = Pick<Tool, 'description' | 'parameters'>

/**
 * The definition of a tool that clients carry out themselves and whose schema only Anthropic's models know by heart:
 * others are told. `undefined` for types that the provider carries out, and for those of which nothing is known.
 *
 * @param type such as `bash_20250124`; the date does not matter
 */
export function definedTool(type: string): Definition | undefined {
  return definitions[type.replace(/_\d{8}$/, '')]
}

const text = (description: string): object => ({ type: 'string', description })
const line = (description: string): object => ({ type: 'integer', description })

const path = text('Absolute path of a file or folder.')

/** What can be done to a file, in the editor as well as in the memory. */
const fileFields = {
  path,
  view_range: {
    type: 'array',
    items: { type: 'integer' },
    description: 'For view: first and last line, -1 for the end.',
  },
  file_text: text('For create: the whole content.'),
  old_str: text('For str_replace: the text to replace, which must occur exactly once.'),
  new_str: text('For str_replace: what to put in its place.'),
  insert_line: line('For insert: the line after which to insert, 0 for the beginning.'),
  insert_text: text('For insert: the text.'),
}

function withCommand(commands: readonly string[], fields: object, required: readonly string[]): Tool['parameters'] {
  return {
    type: 'object',
    properties: { command: { type: 'string', enum: commands }, ...fields },
    required: ['command', ...required],
  }
}

const definitions: Readonly<Record<string, Definition>> = {
  bash: {
    description: 'Runs a command in a bash session that stays open between calls.',
    parameters: {
      type: 'object',
      properties: {
        command: text('The command to run. Needed unless restart is true.'),
        restart: { type: 'boolean', description: 'Starts the session anew.' },
      },
    },
  },
  text_editor: {
    description: 'Views, creates and edits text files.',
    parameters: withCommand(['view', 'create', 'str_replace', 'insert'], fileFields, ['path']),
  },
  memory: {
    description:
      'Keeps notes in files below /memories that outlive this conversation. View the folder before anything else.',
    parameters: withCommand(
      ['view', 'create', 'str_replace', 'insert', 'delete', 'rename'],
      { ...fileFields, old_path: text('For rename.'), new_path: text('For rename.') },
      [],
    ),
  },
}
