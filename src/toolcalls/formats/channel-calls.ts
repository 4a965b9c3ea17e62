import type { ChannelCalls, ReplyFormat } from './reply-format.ts'

const harmonyTypes = ['<|constrain|>json', ' <|constrain|>json', ' json', '']
const harmonyEnds = harmonyTypes.map((type) => `${type}<|message|>`)
const harmonyTails = harmonyTypes.map((type) => `<|channel|>commentary${type}<|message|>`)

/** The recipient stands behind the channel, or before it in the message's role. Its end is the end of the reply, too. */
export const harmonyCalls: ChannelCalls = {
  ways: [
    { before: '<|channel|>commentary to=functions.', recipient: 'tool', after: harmonyEnds },
    { before: '<|channel|>analysis to=functions.', recipient: 'tool', after: harmonyEnds },
    { before: '<|start|>assistant to=functions.', recipient: 'tool', after: harmonyTails },
    { before: ' to=functions.', recipient: 'tool', after: harmonyTails },
  ],
  body: { kind: 'arguments' },
  close: '<|call|>',
  triggers: [
    { kind: 'word', text: '<|channel|>commentary to=' },
    { kind: 'word', text: '<|channel|>analysis to=' },
    { kind: 'word', text: '<|start|>assistant to=' },
    { kind: 'pattern', text: String.raw`^( to=)[\s\S]*` },
  ],
  thought: { open: '<|channel|>analysis<|message|>', close: '<|end|>', next: '<|start|>assistant' },
}

/** The name is told twice; the one in the JSON counts. */
export const inklingCalls: ChannelCalls = {
  ways: [
    { before: '', recipient: 'none', after: ['<|content_invoke_tool_json|>'] },
    { before: '<|message_model|>', recipient: 'any', after: ['<|content_invoke_tool_json|>'] },
  ],
  body: { kind: 'call', names: ['name'], arguments: ['args'] },
  close: '<|end_message|>',
  triggers: [{ kind: 'word', text: '<|content_invoke_tool_json|>' }],
  thought: { open: '<|content_thinking|>', close: '<|end_message|>', next: '<|message_model|>' },
}

/** Whoever is neither the user nor the model itself is a tool. */
export function glimmerCalls(format: ReplyFormat | undefined): ChannelCalls {
  return {
    ways: [{ before: ' to=', recipient: 'any', after: ['<|message|>'] }],
    forcedWays: [{ before: ' to=tools', recipient: 'none', after: ['<|message|>'] }],
    body: { kind: 'calls', format },
    close: '<|eot|>',
    triggers: [
      {
        kind: 'pattern',
        text: String.raw`^(?:[\s\S]*<\|start\|>assistant)?( to=(?!self<)(?!user<)[\w.-]+<\|message\|>)[\s\S]*`,
      },
    ],
    thought: { open: ' to=self<|message|>', close: '<|eom|>', next: '<|start|>assistant' },
  }
}
