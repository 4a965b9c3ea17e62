import { glimmerCalls, harmonyCalls, inklingCalls } from './channel-calls.ts'
import { glimmerBody, harmonyBody, inklingBody } from './channel-bodies.ts'
import type { ReplyFormat } from './reply-format.ts'
import { taggedFormats } from './tagged-formats.ts'

const atem = taggedFormats.find(({ id }) => id === 'atem_xml')

/** Replies made of messages with headers. */
export const channelFormats: readonly ReplyFormat[] = [
  {
    id: 'harmony',
    reasoning: { open: ['<|channel|>analysis<|message|>'], close: ['<|end|>'], start: 'text', isInEveryTemplate: true },
    calls: [],
    channels: {
      open: ['<|start|>', '<|channel|>'],
      headerEnd: ['<|message|>'],
      bodyEnd: ['<|end|>', '<|return|>', '<|call|>', '<|start|>', '<|channel|>'],
      keptEnds: ['<|end|>'],
      headerStart: [' to=', 'to='],
      bodyOf: harmonyBody,
      calls: harmonyCalls,
    },
  },
  {
    id: 'inkling',
    reasoning: { open: ['<|content_thinking|>'], close: ['<|end_message|>'], start: 'text', isInEveryTemplate: true },
    calls: [],
    channels: {
      open: ['<|message_model|>'],
      headerEnd: ['<|content_text|>', '<|content_thinking|>', '<|content_invoke_tool_json|>'],
      bodyEnd: ['<|end_message|>'],
      silent: ['<|message_user|>', '<|content_audio_input|>', '<|audio_end|>'],
      headerStart: [],
      hidesMarkers: true,
      bodyOf: inklingBody,
      calls: inklingCalls,
    },
  },
  {
    id: 'glimmer',
    reasoning: { open: [' to=self<|message|>'], close: ['<|eom|>'], start: 'text', isInEveryTemplate: true },
    calls: [],
    channels: {
      open: ['<|start|>'],
      headerEnd: ['<|message|>'],
      bodyEnd: ['<|eot|>', '<|eom|>', '<|start|>'],
      headerStart: [' to=', 'to='],
      bodyOf: (header) => glimmerBody(header, atem),
      calls: glimmerCalls(atem),
    },
  },
]
