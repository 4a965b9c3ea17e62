import { call, isTold, strong, type WeakHabit } from '../weak-turn.ts'

const weakness = 'ignores results'

/** Goes on as if nothing had been said. */
export const ignoringHabits: readonly WeakHabit[] = [
  {
    weakness,
    habit: 'lists, and never reads',
    task: 'find',
    turn: (moment) =>
      /Next: call \w+ with/.test(moment.seen) || moment.done.length > 1
        ? strong(moment)
        : call({ name: 'list_files', arguments: {} }),
  },
  {
    weakness,
    habit: 'reads what is not there',
    task: 'follow',
    turn: (moment) =>
      moment.done.length < 1 || isTold(moment.seen) || moment.next === undefined
        ? strong(moment)
        : call({ name: 'read_file', arguments: { path: 'src/text.ts' } }),
  },
  {
    weakness,
    habit: 'searches anew in other letters',
    task: 'search',
    turn: (moment) =>
      isTold(moment.seen)
        ? strong(moment)
        : call({
            name: 'search',
            arguments: {
              text: ['oldfetch', 'OldFetch', 'old-fetch', 'OLDFETCH'][moment.seen.split('Nothing found.').length % 4],
            },
          }),
  },
  {
    weakness,
    habit: 'asks for a tool that is not there',
    task: 'search',
    turn: (moment) =>
      /\[There is no tool|do something else/i.test(moment.seen)
        ? strong(moment)
        : call({ name: 'browse_internet', arguments: { query: 'oldFetch' } }),
  },
]
