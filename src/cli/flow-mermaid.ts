import type { Flow, FlowStep } from '../core/flow.ts'
import { laterOf } from './format-flow.ts'

/** The graph in the language of Mermaid, which many places that show Markdown draw. */
export function flowMermaid({ steps, edges, sources }: Flow): string {
  const retrieve = steps.findIndex(({ type }) => type === 'retrieve')
  const inject = steps.findLastIndex(({ type }) => type === 'inject')
  return [
    'flowchart TD',
    ...steps.map((step, place) => `  s${place}${boxOf(step)}`),
    ...sources.flatMap(({ kind, ref, isInjected }, index) => [
      `  d${index}[("${escaped(`${kind} ${ref}`)}")]`,
      `  s${retrieve} --> d${index}`,
      ...(isInjected ? [`  d${index} --> s${inject}`] : []),
    ]),
    ...edges.map(({ from, to, relation }) => `  s${from} -->|${relation}| s${to}`),
    ...steps.flatMap(({ hasFailed }, place) => (hasFailed === true ? [`  style s${place} stroke:#c00`] : [])),
  ].join('\n')
}

function boxOf(step: FlowStep): string {
  const { type, ref, durationUs } = step
  const later = laterOf(step)
  const lines = [
    later === '' ? type : `${type} ${later}`,
    ...(ref === undefined ? [] : [ref]),
    ...(durationUs === undefined ? [] : [`${(durationUs / 1000).toFixed(1)} ms`]),
  ]
  return `["${lines.map(escaped).join('<br/>')}"]`
}

/** Whatever could end the label or begin a tag. */
function escaped(text: string): string {
  return text.replaceAll(/[^\p{L}\p{N} ._:/@+-]/gu, (character) => `#${character.codePointAt(0)};`)
}
