/** A piece of work for an agent over a few files, of which can be said afterwards whether it is done. */
export interface AgentTask {
  readonly prompt: string
  readonly files: Readonly<Record<string, string>>
  /** How it is done well, for a scripted model: one call after the other. */
  readonly plan: readonly PlannedCall[]
  /** What is said at the end, from all that has been seen. */
  readonly answer: (seen: string) => string
  readonly isDone: (end: TaskEnd) => boolean
}

export interface PlannedCall {
  readonly name: string
  readonly arguments: Readonly<Record<string, unknown>>
  /** Stands in its result, and nowhere else: it has been called when this has been seen. */
  readonly evidence: string
}

/** What an agent leaves behind. */
export interface TaskEnd {
  readonly files: ReadonlyMap<string, string>
  readonly answer: string
}

export const taskKinds = ['find', 'follow', 'search', 'edit', 'write'] as const

export type TaskKind = (typeof taskKinds)[number]

/** @param number tells tasks of one kind apart, from 1 */
export function agentTask(kind: TaskKind, number: number): AgentTask {
  return makers[kind](number)
}

const makers: Readonly<Record<TaskKind, (number: number) => AgentTask>> = {
  find: (number) => {
    const port = 8100 + 7 * number
    return {
      prompt: 'On which port does this server listen by default? Answer with the number alone.',
      files: {
        'README.md': 'A small server. It is configured in src/.',
        'src/main.ts': "import { usual } from './config.ts'\n\nlisten(process.env.PORT ?? usual.port)",
        'src/config.ts': `export const usual = { host: 'localhost', port: ${port} }`,
      },
      plan: [
        { name: 'list_files', arguments: {}, evidence: 'src/main.ts\n' },
        { name: 'read_file', arguments: { path: 'src/config.ts' }, evidence: 'port: 8' },
      ],
      answer: said(/port: (\d+)/),
      isDone: ({ answer }) => answer.includes(String(port)),
    }
  },
  follow: (number) => ({
    prompt: 'What does hello() in src/hello.ts return? Answer with that text alone.',
    files: {
      'src/hello.ts': "import { texts } from './texts.ts'\n\nexport const hello = () => texts.welcome",
      'src/texts.ts': `export const texts = { bye: 'So long', welcome: 'Good day, number ${number}' }`,
    },
    plan: [
      { name: 'read_file', arguments: { path: 'src/hello.ts' }, evidence: '=> texts.welcome' },
      { name: 'read_file', arguments: { path: 'src/texts.ts' }, evidence: "bye: 'So long'" },
    ],
    answer: said(/welcome: '([^']+)'/),
    isDone: ({ answer }) => answer.includes(`Good day, number ${number}`),
  }),
  search: (number) => ({
    prompt: 'Which file still calls oldFetch? Answer with its path alone.',
    files: {
      'src/client.ts': 'newFetch(url)',
      [`src/report-${number}.ts`]: 'oldFetch(url)',
      'src/upload.ts': 'newFetch(url, body)',
    },
    plan: [{ name: 'search', arguments: { text: 'oldFetch' }, evidence: ': oldFetch(url)' }],
    answer: said(/(src\/report-\d+\.ts)/),
    isDone: ({ answer }) => answer.includes(`src/report-${number}.ts`),
  }),
  edit: (number) => {
    const timeout = 4_000 + 500 * number
    return {
      prompt: `Set timeoutMs in src/client.ts to ${timeout}.`,
      files: { 'src/client.ts': 'export const timeoutMs = 1000\nexport const retries = 2' },
      plan: [
        { name: 'read_file', arguments: { path: 'src/client.ts' }, evidence: 'retries = 2' },
        {
          name: 'edit_file',
          arguments: { path: 'src/client.ts', old: 'timeoutMs = 1000', new: `timeoutMs = ${timeout}`, count: 1 },
          evidence: 'edited src/client.ts',
        },
      ],
      answer: () => 'Done.',
      isDone: ({ files }) => files.get('src/client.ts')?.includes(`timeoutMs = ${timeout}`) === true,
    }
  },
  write: (number) => ({
    prompt: 'Write NAMES.md with the names of the functions that src/math.ts exports, one a line.',
    files: { 'src/math.ts': `export function add() {}\nexport function step${number}() {}\nfunction hidden() {}` },
    plan: [
      { name: 'read_file', arguments: { path: 'src/math.ts' }, evidence: 'function hidden' },
      {
        name: 'write_file',
        arguments: { path: 'NAMES.md', text: `add\nstep${number}` },
        evidence: 'wrote NAMES.md',
      },
    ],
    answer: () => 'Done.',
    isDone: ({ files }) => {
      const text = files.get('NAMES.md') ?? ''
      return text.includes('add') && text.includes(`step${number}`) && !text.includes('hidden')
    },
  }),
}

function said(pattern: RegExp): AgentTask['answer'] {
  return (seen) => pattern.exec(seen)?.[1] ?? 'I do not know.'
}
