import { ignoringHabits } from './habits/ignoring-habits.ts'
import { jsonHabits } from './habits/json-habits.ts'
import { leakingHabits } from './habits/leaking-habits.ts'
import { namingHabits } from './habits/naming-habits.ts'
import { repeatingHabits } from './habits/repeating-habits.ts'
import type { WeakHabit } from './weak-turn.ts'

/** Twenty tasks, four for each weakness. */
export const weakHabits: readonly WeakHabit[] = [
  ...leakingHabits,
  ...namingHabits,
  ...jsonHabits,
  ...repeatingHabits,
  ...ignoringHabits,
]
