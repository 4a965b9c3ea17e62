import { z } from 'zod'

import { toolLanes } from '../../core/tool-lane.ts'
import { duration } from '../units.ts'
import { count } from './values.ts'

const guard = z.enum(['progress', 'classic', 'off'])
const guardText =
  'When a run of tool calls counts as a loop. progress: the same results again and again, since a person last spoke. classic: equal calls in a row, and a cap.'
const repairText =
  'Leave out rounds that a client sent more than once, and put right histories that engines refuse: calls without a result, results without a call.'
const hintText = 'After a listing of which no file was read, tell the model in that result which one to read.'
const repairCalls = z.int().min(0).max(3)
const repairCallsText =
  'How often calls that do not fit their tools are asked for once more, with what is wrong about them, where llmr reads the calls (every lane but native). 0: never; they go to the client as they are.'
const cutChantsText =
  'Cut streams of engines at home in which the model says one thing over and over, outside of code and tables; the engine is stopped, and the reply ends as if it were done.'
const splitSchemasText =
  'Of a request with tools and a shape for the answer (response_format) let the model use its tools first, and ask for the shape when it has no need of them any more. Engines of this machine that get both let no call through.'
const rounds = z.int().min(0).max(10)
const continueRoundsText =
  'How often a reply that the engine cut by length is gone on with, before its client gets the end. Never for agents, nor where the client set a limit itself. Replies of this model are parsed then, instead of passing as bytes. 0: never.'
const continueTokensText = 'Tokens at which such a reply is whole enough.'
const lane = z.enum(['auto', ...toolLanes])
const planText = 'False: no plan is drafted for this model.'
const planner = z
  .strictObject({
    model: z
      .string()
      .min(1)
      .describe('A small model, by a name of the catalogue, that is in memory: it is not loaded for it.'),
    timeout: duration.prefault('8s').describe('After this the request goes without a plan.'),
    max_tokens: count.default(300).describe('Tokens a plan may have.'),
  })
  .optional()
  .describe(
    'Let a small model draft a plan for work on code of several steps, which goes to the model that does it. Off by default; replies to such requests are parsed, so that no plan leaks into them.',
  )
const laneText =
  'How tools reach the model. native: the engine does it. checked: it does, and llmr reads the calls that it leaves in the text, and puts right names and arguments. raw: the chat template tells them, and llmr sends the prompt and reads the reply, past the parser of the engine; checked where the engine takes no prompts. injected: llmr tells them in plain text, and reads the calls out of the reply. final: not at all, the model has to answer. auto: by what is known of the model.'
const thresholdText = 'Equal rounds in a row that make a loop. Default: 3 for progress, 2 for classic.'
const turnsText =
  'Rounds of tool calls at which the model has to answer. Default: 80 for progress, with a reminder at half of it, 30 for classic.'

export const toolcalls = z
  .strictObject({
    guard: guard.default('progress').describe(guardText),
    repeat_threshold: z.int().min(2).optional().describe(thresholdText),
    max_turns: count.optional().describe(turnsText),
    repair: z.boolean().default(true).describe(repairText),
    hint: z.boolean().default(true).describe(hintText),
    repair_calls: repairCalls.default(1).describe(repairCallsText),
    cut_chants: z.boolean().default(true).describe(cutChantsText),
    split_schemas: z.boolean().default(true).describe(splitSchemasText),
    continue_rounds: rounds.default(0).describe(continueRoundsText),
    continue_tokens: count.default(16_384).describe(continueTokensText),
    planner,
    lane: lane.default('auto').describe(laneText),
    grammar: z
      .boolean()
      .default(true)
      .describe(
        'Hold calls to the tools there are, from the moment the model begins one, in the lanes raw and injected before llama.cpp, and injected before vLLM.',
      ),
    probe: z
      .boolean()
      .default(true)
      .describe(
        'Give a model in memory four small requests with tools when its backend has been idle, once for each build, to find its lane. Never one of a cloud, or that costs money.',
      ),
    models: z
      .record(
        z.string().min(1),
        z.strictObject({
          guard: guard.optional().describe(guardText),
          repeat_threshold: z.int().min(2).optional().describe(thresholdText),
          max_turns: count.optional().describe(turnsText),
          repair: z.boolean().optional().describe(repairText),
          hint: z.boolean().optional().describe(hintText),
          repair_calls: repairCalls.optional().describe(repairCallsText),
          cut_chants: z.boolean().optional().describe(cutChantsText),
          split_schemas: z.boolean().optional().describe(splitSchemasText),
          continue_rounds: rounds.optional().describe(continueRoundsText),
          continue_tokens: count.optional().describe(continueTokensText),
          plan: z.boolean().optional().describe(planText),
          lane: lane.optional().describe(laneText),
        }),
      )
      .default({})
      .describe(
        'The same for some models, by name or glob; an exact name wins over a glob, the longer glob over the shorter.',
      ),
  })
  .describe('What is done to requests with tools, so that weak models come to an end: see agents.md.')
