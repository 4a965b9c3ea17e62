import { defaultTenant } from '../core/principal.ts'
import type { Forgotten, FoundText, ShownConversation, ShownRound } from '../core/memory-record.ts'

/** One conversation as a person reads it: whose it is, then what was said, branch by branch. */
export function formatConversation(conversation: ShownConversation): string {
  const { id, tenant, principal, source, externalKey, createdAt, lastAt, expiresAt, rounds } = conversation
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['conversation', id],
    ['of', whose(principal, tenant)],
    ['known by', externalKey === undefined ? source : `${source}: ${externalKey}`],
    ['said', `${createdAt.slice(0, 16)} to ${lastAt.slice(0, 16)}`],
    ['kept until', expiresAt.slice(0, 10)],
    ['files', conversation.files.length === 0 ? undefined : conversation.files.join(', ')],
    ['summaries', conversation.summaries === 0 ? undefined : String(conversation.summaries)],
    ['not shown', conversation.olderRounds === 0 ? undefined : `${conversation.olderRounds} older turns`],
  ]
  const head = facts.flatMap(([name, value]) => (value === undefined ? [] : [`${name.padEnd(14)}${value}`]))
  return [...head, ...inBranches(rounds).map(formatRound)].join('\n')
}

function whose(principal: string, tenant: string): string {
  return tenant === defaultTenant ? principal : `${principal} (tenant ${tenant})`
}

/** Three lines for each round that was found. */
export function formatFound(found: readonly FoundText[]): string {
  return found
    .map(({ at, conversation, tenant, principal, userText, replyText }) =>
      [
        `${at.slice(0, 16)}  ${conversation}  ${whose(principal, tenant)}`,
        `  user       ${oneLine(userText)}`,
        `  assistant  ${oneLine(replyText)}`,
      ].join('\n'),
    )
    .join('\n')
}

/** `1 conversation with 2 rounds, 3 events`: without what there is none of. */
export function formatForgotten({ conversations, rounds, responses, files, events }: Forgotten): string {
  const others: readonly (readonly [number, string])[] = [
    [responses, 'stored response'],
    [files, 'file'],
    [events, 'event'],
  ]
  return [
    `${counted(conversations, 'conversation')} with ${counted(rounds, 'round')}`,
    ...others.flatMap(([count, noun]) => (count === 0 ? [] : [counted(count, noun)])),
  ].join(', ')
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

interface PlacedRound extends ShownRound {
  /** It does not go on from the round above it. */
  readonly isBranch: boolean
}

/** Depth first, so that each branch stands together; a turn after those that lead to it. */
function inBranches(rounds: readonly ShownRound[]): readonly PlacedRound[] {
  const known = new Set(rounds.map(({ reply }) => reply))
  const next = Map.groupBy(rounds, ({ after }) => (after !== undefined && known.has(after) ? after : ''))
  const placed: PlacedRound[] = []
  const waiting = (next.get('') ?? []).toReversed()
  for (let round = waiting.pop(); round !== undefined; round = waiting.pop()) {
    const above = placed.at(-1)
    placed.push({ ...round, isBranch: above !== undefined && round.after !== above.reply })
    waiting.push(...(next.get(round.reply) ?? []).toReversed())
  }
  return placed
}

function formatRound(round: PlacedRound): string {
  const { depth, at, requestId, status, model, userText, replyText, isBranch, after } = round
  const from = after === undefined ? 'from the root' : `from ${after}`
  return [
    '',
    `${isBranch ? `── another branch, ${from}\n` : ''}${depth}  ${at.slice(0, 16)}  ${[model, status, requestId].filter(Boolean).join('  ')}  [${round.reply}]`,
    ...(userText === undefined ? [] : [`  user       ${indented(userText)}`]),
    ...(replyText === undefined ? ['  (no words are kept of it)'] : [`  assistant  ${indented(replyText)}`]),
  ].join('\n')
}

function indented(text: string): string {
  return visible(text).replaceAll('\n', `\n${' '.repeat(13)}`)
}

const lineMax = 160

function oneLine(text: string): string {
  const line = visible(text).replaceAll(/\s+/g, ' ').trim()
  return line.length <= lineMax ? line : `${line.slice(0, lineMax)}…`
}

/** What a model wrote must not move the cursor of whoever reads it. */
function visible(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replaceAll(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/g, '·')
}
