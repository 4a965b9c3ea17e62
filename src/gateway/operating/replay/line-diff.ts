/** `…` stands for lines that are the same and not shown. */
export interface DiffLine {
  readonly sign: ' ' | '-' | '+' | '…'
  readonly text: string
}

/** Cells of the table of common lines at most; beyond it, what is between is shown as replaced. */
const cellsMax = 4_000_000

/** What has to go and what has to come for one text to become the other, line by line. */
export function lineDiff(before: readonly string[], after: readonly string[]): DiffLine[] {
  const head = commonLength(before, after, (list, at) => list[at])
  const rest = [before.slice(head), after.slice(head)] as const
  const tail = commonLength(...rest, (list, at) => list[list.length - 1 - at])
  const [old, fresh] = [rest[0].slice(0, rest[0].length - tail), rest[1].slice(0, rest[1].length - tail)]
  return [
    ...before.slice(0, head).map(same),
    ...(old.length * fresh.length > cellsMax ? [...old.map(gone), ...fresh.map(come)] : middle(old, fresh)),
    ...before.slice(before.length - tail).map(same),
  ]
}

/** Only what changed, with so many lines around it. Nothing when nothing did. */
export function withContext(diff: readonly DiffLine[], context: number): DiffLine[] {
  const isNear = diff.map(() => false)
  for (const [index, { sign }] of diff.entries()) {
    if (sign !== ' ') isNear.fill(true, Math.max(0, index - context), index + context + 1)
  }
  return diff.flatMap((line, index) => {
    if (isNear[index] === true) return [line]
    const isFirst = index === 0 || isNear[index - 1] === true
    return isFirst && isNear.includes(true) ? [{ sign: '…', text: '' } as const] : []
  })
}

function commonLength(
  before: readonly string[],
  after: readonly string[],
  at: (list: readonly string[], index: number) => string | undefined,
): number {
  const most = Math.min(before.length, after.length)
  let length = 0
  while (length < most && at(before, length) === at(after, length)) length++
  return length
}

/** By the longest run of lines in common. */
function middle(before: readonly string[], after: readonly string[]): DiffLine[] {
  const width = after.length + 1
  const lengths = new Uint32Array((before.length + 1) * width)
  const common = (row: number, column: number): number => lengths[row * width + column] ?? 0
  for (let row = before.length - 1; row >= 0; row--) {
    for (let column = after.length - 1; column >= 0; column--) {
      const isSame = before[row] === after[column]
      lengths[row * width + column] = isSame
        ? common(row + 1, column + 1) + 1
        : Math.max(common(row + 1, column), common(row, column + 1))
    }
  }
  const diff: DiffLine[] = []
  let [row, column] = [0, 0]
  while (row < before.length || column < after.length) {
    const [old, fresh] = [before[row], after[column]]
    if (old !== undefined && old === fresh) {
      diff.push(same(old))
      row++
      column++
    } else if (fresh === undefined || (old !== undefined && common(row + 1, column) >= common(row, column + 1))) {
      diff.push(gone(old ?? ''))
      row++
    } else {
      diff.push(come(fresh))
      column++
    }
  }
  return diff
}

function same(text: string): DiffLine {
  return { sign: ' ', text }
}

function gone(text: string): DiffLine {
  return { sign: '-', text }
}

function come(text: string): DiffLine {
  return { sign: '+', text }
}
