import type { StepLine, StepRun, StepWeight } from '../../../src/tui/step/step-run.ts'

/** A run with a request of each weight. */
export function stepRun(...weights: readonly StepWeight[]): StepRun {
  return {
    title: 'a run  (small)',
    steps: weights.map((weight, index) => {
      const kept: StepLine = { sign: ' ', text: `[user] question ${index + 1}` }
      const added: StepLine = { sign: '+', text: '[a nudge]' }
      return {
        weight,
        facts: [['lane', 'native']],
        lines: weight === 'none' ? [kept] : [kept, added],
        changes: weight === 'none' ? [] : [{ sign: '…', text: '' }, added],
      }
    }),
  }
}
