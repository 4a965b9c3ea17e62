import type { PlannedCall } from '../agent-task.ts'
import { strong, type WeakHabit } from '../weak-turn.ts'

const weakness = 'leaks its calls as text'

/** Calls stand in the text: a client takes them for the answer. */
export const leakingHabits: readonly WeakHabit[] = [
  {
    weakness,
    habit: 'in Hermes tags',
    task: 'find',
    turn: inWords(({ name, args }) => `I look.\n<tool_call>\n{"name": "${name}", "arguments": ${args}}\n</tool_call>`),
  },
  {
    weakness,
    habit: 'as bare JSON',
    task: 'edit',
    turn: inWords(({ name, args }) => `{"name": "${name}", "parameters": ${args}}`),
  },
  {
    weakness,
    habit: 'in tags of its own',
    task: 'write',
    turn: inWords(
      (written) => `<tool_call>\n<function=${written.name}>\n${parameterTags(written.call)}</function>\n</tool_call>`,
    ),
  },
  {
    weakness,
    habit: 'in a code block',
    task: 'follow',
    turn: inWords(({ name, args }) => `I need a tool:\n\`\`\`json\n{"tool": "${name}", "args": ${args}}\n\`\`\``),
  },
]

/** Says the call in words of its own, where others would call. */
function inWords(write: (json: { name: string; args: string; call: PlannedCall }) => string): WeakHabit['turn'] {
  return (moment) => {
    const { next } = moment
    if (next === undefined) return strong(moment)
    return { content: write({ name: next.name, args: JSON.stringify(next.arguments), call: next }) }
  }
}

function parameterTags({ arguments: args }: PlannedCall): string {
  return Object.entries(args)
    .map(([key, value]) => `<parameter=${key}>\n${String(value)}\n</parameter>\n`)
    .join('')
}
