import { clipLine, type ScreenLine, type ScreenPart } from '../top/screen-line.ts'
import { keysText } from './step-keys.ts'
import type { StepPlace } from './step-place.ts'
import type { Step, StepLine, StepRun, StepWeight } from './step-run.ts'

export interface StepScreen {
  readonly runs: readonly StepRun[]
  readonly place: StepPlace
  readonly columns: number
  readonly rows: number
}

/** The whole screen: which run, all its requests as marks, what is known of this one, and its text. */
export function stepScreen({ runs, place, columns, rows }: StepScreen): readonly ScreenLine[] {
  const run = runs[place.run]
  const step = run?.steps[place.step]
  if (run === undefined || step === undefined) return [[{ text: 'There is no request here.' }]]
  const head: readonly ScreenLine[] = [
    titleLine(run, { place, runs: runs.length }),
    marksLine(run.steps, place.step, columns),
    [],
    ...factLines(step, { place, of: run.steps.length }),
    [],
  ]
  const foot: readonly ScreenLine[] = [[], [{ text: keysText(columns, runs.length), isDim: true }]]
  const room = Math.max(1, rows - head.length - foot.length)
  const text = wrapped(linesShown(step, place), columns)
  const scroll = Math.min(place.scroll, scrollMost(text.length, room))
  const body =
    text.length <= room ? text : withPosition(text.slice(scroll, scroll + room - 1), { scroll, of: text.length })
  return [...head, ...body, ...foot].map((line) => clipLine(line, columns))
}

/** Where nothing is changed there is nothing to leave out. */
function linesShown({ lines, changes }: Step, { showsAll }: StepPlace): readonly StepLine[] {
  return showsAll || changes.length === 0 ? lines : changes
}

/** How far one can scroll, so that nobody has to come back from beyond the end. */
export function scrollEnd({ runs, place, columns, rows }: StepScreen): number {
  const step = runs[place.run]?.steps[place.step]
  if (step === undefined) return 0
  const room = Math.max(1, rows - fixedRows - step.facts.length - 1)
  return scrollMost(wrapped(linesShown(step, place), columns).length, room)
}

/** Title, marks, three empty rows and the keys. */
const fixedRows = 6

/** The last row tells where one is, where there is more than fits. */
function scrollMost(length: number, room: number): number {
  return length <= room ? 0 : length - room + 1
}

function titleLine({ title }: StepRun, { place, runs }: { place: StepPlace; runs: number }): ScreenLine {
  const which = runs > 1 ? `  run ${place.run + 1} of ${runs}` : ''
  return [
    { text: title, isBold: true },
    { text: which, isDim: true },
  ]
}

const marks: Readonly<Record<StepWeight, Omit<ScreenPart, 'isBold' | 'isDim'>>> = {
  none: { text: '·' },
  changed: { text: '+', color: 'cyan' },
  guarded: { text: '!', color: 'yellow' },
}

/** A mark for each request, this one in brackets; of many, those around it. */
function marksLine(steps: readonly Step[], at: number, columns: number): ScreenLine {
  const room = Math.max(1, columns - 6)
  const start = Math.max(0, Math.min(at - Math.floor(room / 2), steps.length - room))
  const shown = steps.slice(start, start + room)
  const isCut = { before: start > 0, after: start + shown.length < steps.length }
  return [
    { text: isCut.before ? '… ' : '' },
    ...shown.flatMap(({ weight }, index): ScreenPart[] => {
      const mark = marks[weight]
      return start + index === at ? [{ text: '[' }, { ...mark, isBold: true }, { text: ']' }] : [mark]
    }),
    { text: isCut.after ? ' …' : '' },
  ]
}

function factLines({ facts }: Step, { place, of }: { place: StepPlace; of: number }): ScreenLine[] {
  const all = [['request', `${place.step + 1} of ${of}`] as const, ...facts]
  const width = Math.max(...all.map(([name]) => name.length))
  return all.map(([name, value]) => [{ text: `${name.padEnd(width)}  `, isDim: true }, { text: value }])
}

const looks = { ' ': {}, '-': { color: 'red' }, '+': { color: 'green' }, '…': { isDim: true } } as const

/** Long lines go on in the next row. Of one, so many rows at most: a prompt may be one line of a hundred thousand. */
const rowsOfLineMax = 40

function wrapped(lines: readonly StepLine[], columns: number): ScreenLine[] {
  const width = Math.max(8, columns - 2)
  return lines.flatMap(({ sign, text }) => {
    const shown = text.replaceAll('\t', '  ')
    const rows = Math.min(rowsOfLineMax, Math.max(1, Math.ceil(shown.length / width)))
    return Array.from({ length: rows }, (_, row): ScreenLine => {
      const isCut = row === rowsOfLineMax - 1 && shown.length > rowsOfLineMax * width
      const part = isCut ? '… (the line goes on)' : shown.slice(row * width, (row + 1) * width)
      return [{ text: `${sign} ${part}`, ...looks[sign] }]
    })
  })
}

function withPosition(lines: readonly ScreenLine[], { scroll, of }: { scroll: number; of: number }): ScreenLine[] {
  const text = `rows ${scroll + 1}–${scroll + lines.length} of ${of}`
  return [...lines, [{ text, isDim: true }]]
}
