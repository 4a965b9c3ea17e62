import type { StepRun } from './step-run.ts'

/** Where somebody is who walks through runs. */
export interface StepPlace {
  readonly run: number
  readonly step: number
  /** Rows of the request that lie above what is seen. */
  readonly scroll: number
  /** The whole request; else only what is changed in it, and a little around. */
  readonly showsAll: boolean
}

export const firstPlace: StepPlace = { run: 0, step: 0, scroll: 0, showsAll: false }

export type StepMove =
  | 'next'
  | 'previous'
  | 'first'
  | 'last'
  /** To a request in which something is changed. */
  | 'next-change'
  | 'previous-change'
  | 'next-run'
  | 'previous-run'
  | 'toggle-all'
  | { readonly scrollBy: number }

/** Where a move leads; where it leads nowhere, one stays. The screen bounds the scroll at its end. */
export function movedPlace(place: StepPlace, move: StepMove, runs: readonly StepRun[]): StepPlace {
  const steps = runs[place.run]?.steps ?? []
  const at = (step: number): StepPlace => {
    const bounded = Math.min(Math.max(0, step), Math.max(0, steps.length - 1))
    return bounded === place.step ? place : { ...place, step: bounded, scroll: 0 }
  }
  const isChange = ({ weight }: StepRun['steps'][number]): boolean => weight !== 'none'
  if (typeof move === 'object') return { ...place, scroll: Math.max(0, place.scroll + move.scrollBy) }
  switch (move) {
    case 'next':
      return at(place.step + 1)
    case 'previous':
      return at(place.step - 1)
    case 'first':
      return at(0)
    case 'last':
      return at(steps.length - 1)
    case 'next-change': {
      const step = steps.findIndex((one, index) => index > place.step && isChange(one))
      return step === -1 ? place : at(step)
    }
    case 'previous-change': {
      const step = steps.findLastIndex((one, index) => index < place.step && isChange(one))
      return step === -1 ? place : at(step)
    }
    case 'next-run':
    case 'previous-run': {
      const run = place.run + (move === 'next-run' ? 1 : -1)
      return runs[run] === undefined ? place : { ...place, run, step: 0, scroll: 0 }
    }
    case 'toggle-all':
      return { ...place, showsAll: !place.showsAll, scroll: 0 }
  }
}
