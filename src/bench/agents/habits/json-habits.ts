import { badly, strong, type WeakHabit } from '../weak-turn.ts'

const weakness = 'writes broken JSON'

/** Arguments that are no JSON, or not what the tool takes. */
export const jsonHabits: readonly WeakHabit[] = [
  {
    weakness,
    habit: 'a comma too many',
    task: 'find',
    turn: badly(({ arguments: args }) => ({ arguments: JSON.stringify(args).replace(/(?<!\{)\}$/, ',}') })),
  },
  {
    weakness,
    habit: 'single quotes',
    task: 'follow',
    turn: badly(({ arguments: args }) => ({ arguments: JSON.stringify(args).replaceAll('"', "'") })),
  },
  {
    weakness,
    habit: 'numbers as text',
    task: 'edit',
    turn: badly(({ arguments: args }) => ({ arguments: { ...args, ...('count' in args && { count: '1' }) } })),
  },
  {
    weakness,
    habit: 'leaves one out, until told',
    task: 'write',
    turn: (moment) =>
      /text must be|missing|required/i.test(moment.seen)
        ? strong(moment)
        : badly(({ name, arguments: { text, ...args } }) => ({
            arguments: name === 'write_file' ? args : { ...args, ...(text !== undefined && { text }) },
          }))(moment),
  },
]
