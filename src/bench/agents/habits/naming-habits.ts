import { badly, strong, type WeakHabit } from '../weak-turn.ts'

const weakness = 'gets names wrong'

/** Tools by names that are not theirs. */
export const namingHabits: readonly WeakHabit[] = [
  {
    weakness,
    habit: 'with capitals',
    task: 'find',
    turn: badly(({ name }) => ({ name: name.replaceAll(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase()) })),
  },
  {
    weakness,
    habit: 'with a namespace',
    task: 'edit',
    turn: badly(({ name }) => ({ name: `functions.${name}` })),
  },
  {
    weakness,
    habit: 'with dashes',
    task: 'write',
    turn: badly(({ name }) => ({ name: name.replaceAll('_', '-') })),
  },
  {
    weakness,
    habit: 'another, until told',
    task: 'follow',
    turn: (moment) =>
      /no such tool|there is no tool/i.test(moment.seen) ? strong(moment) : badly(() => ({ name: 'open' }))(moment),
  },
]
