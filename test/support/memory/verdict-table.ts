import { styles, type Verdict } from './hostile-clients.ts'

export interface Score {
  readonly requests: number
  readonly right: number
  readonly splits: number
  readonly wrong: number
  readonly foreign: number
  readonly otherScope: number
}

export function scoreOf(verdicts: readonly Verdict[]): Score {
  const count = (is: (verdict: Verdict) => boolean): number => verdicts.filter(is).length
  return {
    requests: verdicts.length,
    right: count(({ outcome }) => outcome === 'right' || outcome === 'equal'),
    splits: count(({ outcome }) => outcome === 'split'),
    wrong: count(({ outcome }) => outcome === 'wrong'),
    foreign: count(({ isForeign }) => isForeign),
    otherScope: count(({ isOtherScope }) => isOtherScope),
  }
}

/** One line for each style, and one for all. */
export function verdictTable(verdicts: readonly Verdict[]): string {
  const names = ['client', 'requests', 'right', 'share', 'splits', 'wrong', 'foreign', 'other scope']
  const line = (name: string, of: readonly Verdict[]): string => {
    const { requests, right, splits, wrong, foreign, otherScope } = scoreOf(of)
    const share = `${((100 * right) / Math.max(1, requests)).toFixed(2)} %`
    return [name, requests, right, share, splits, wrong, foreign, otherScope].map(cell).join('')
  }
  return [
    names.map(cell).join(''),
    ...styles.map((style) =>
      line(
        style,
        verdicts.filter((verdict) => verdict.style === style),
      ),
    ),
    line('all', verdicts),
  ].join('\n')
}

function cell(value: string | number, at: number): string {
  return at === 0 ? String(value).padEnd(14) : String(value).padStart(12)
}
