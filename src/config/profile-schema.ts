import { z } from 'zod'

import { capabilityNames } from '../core/model.ts'
import { loadingStates } from '../core/wait-progress.ts'
import { marks } from './schema-marks.ts'
import { duration, durationOrZero, size } from './units.ts'

/**
 * One profile: how to launch one model. Every key may be absent, because a profile may be finished by the one that
 * extends it, and a value may wait for a macro; what a whole profile must have is checked once it is put together.
 */
const count = z.int().positive()
const file = z.string().min(1).register(marks, { mark: 'file' })
const text = z.string().min(1)
const environmentName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, {
  error: 'expected the name of an environment variable: letters, digits and underscores',
})

export const profileName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:@/+-]{0,127}$/, {
  error: 'expected a name of letters, digits and . _ : @ / + -',
})

/** What a macro may stand for; a value that is nothing but one macro keeps its type. */
const macrosSchema = z.record(
  z.string().regex(/^(?!env$)[A-Za-z_][A-Za-z0-9_-]{0,63}$/, {
    error: 'expected the name of a macro: letters, digits, dashes and underscores, but not env',
  }),
  z.union([z.string(), z.number(), z.boolean()], { error: 'expected a text, a number, true or false' }),
)

const words = z.union([z.string().min(1), z.array(z.string())], {
  error: 'expected a list of words, or a text of words as a shell would split it',
})
const flagValue = z.union([z.string(), z.number(), z.boolean(), z.array(z.union([z.string(), z.number()]))], {
  error: 'expected a text, a number, true, false, or a list of texts',
})

export const profileSchema = z.strictObject({
  template: z.boolean().default(false).describe('Only to be extended: never launched, never listed. Not inherited.'),
  extends: z
    .union([profileName, z.array(profileName)], { error: 'expected the name of a profile, or a list of them' })
    .optional()
    .describe('Profiles to start from; of two the later counts, and what is written here above all.'),
  macros: macrosSchema
    .prefault({})
    .describe('Values for ${NAME} in any text of this profile, in what it inherits, and in profiles that extend it.'),
  description: z.string().optional().describe('For people. Not inherited.'),
  engine: z
    .enum(['llama-server', 'vllm', 'command'])
    .default('llama-server')
    .describe('What is launched; command is any program that speaks HTTP, and the default where command is given.'),
  binary: text.optional().describe('The program, by path or by a name in PATH. Default: llama-server or vllm.'),
  command: words
    .optional()
    .describe(
      'The program with its arguments, where it is none of the engines known here; never a shell line. ${PORT} becomes the port.',
    ),
  model: text
    .optional()
    .describe('Weights: the path of a .gguf file, or a Hugging Face reference such as org/name:Q4_K_M.'),
  mmproj: file.optional().describe('Projector file that lets the model see images.'),
  draft: z
    .strictObject({
      model: text.optional().describe('Weights of the draft model.'),
      gpu_layers: z.int().min(0).optional().describe('Its layers in VRAM. Default: the engine decides.'),
      max: count.optional().describe('Tokens drafted at most in one step.'),
      min: z.int().min(0).optional().describe('Tokens drafted at least.'),
    })
    .optional()
    .describe('Speculative decoding with a small model.'),
  context: count
    .optional()
    .describe('Tokens that one request may use in all. Default: what the engine takes from the weights.'),
  parallel: count.optional().describe('Requests worked on at once; each has the whole context. Default: 1.'),
  kv_cache: z
    .strictObject({
      k: text.optional().describe('Type of the keys, such as f16, q8_0 or q4_0.'),
      v: text.optional().describe('Type of the values; anything but f16 needs flash attention.'),
    })
    .optional()
    .describe('How the KV cache is stored.'),
  gpu_layers: z
    .union([z.int().min(0), z.enum(['all', 'auto'])], { error: 'expected a number of layers, all or auto' })
    .optional()
    .describe('Layers in VRAM. Default: the engine decides.'),
  flags: z
    .record(text, flagValue)
    .prefault({})
    .describe("Further flags by name, without dashes. They are checked against the engine's own list of flags."),
  args: z.array(z.string()).default([]).describe('Further words of the command line, passed on as they are.'),
  env: z
    .record(environmentName, z.string().register(marks, { mark: 'secret' }))
    .prefault({})
    .describe('Variables of the engine, beside those of llmr.'),
  cwd: file.optional().describe('Folder it runs in. Default: that of llmr.'),
  host: text.default('127.0.0.1').describe('Address the engine binds. Engines have no keys: keep it on loopback.'),
  port: z.int().min(1).max(65535).optional().describe('Fixed port. Default: a free one at each start. Not inherited.'),
  proxy: z
    .string()
    .regex(/^https?:\/\/[^\s/?#]+[^\s?#]*$/, { error: 'expected an http:// or https:// URL' })
    .optional()
    .describe('Where requests go, if not to host and port. ${PORT} becomes the port.'),
  ready: z
    .strictObject({
      path: z
        .string()
        .regex(/^(\/\S*|none)$/, { error: 'expected a path such as /health, or none' })
        .default('/health')
        .describe('Answers 200 once the engine can serve; none: it can as soon as it runs.'),
      timeout: duration.prefault('5m').describe('A load that takes longer has failed.'),
    })
    .prefault({})
    .describe('When it counts as loaded.'),
  stop: z
    .strictObject({
      command: words.optional().describe('Run instead of sending a signal; ${PID} becomes the id of the process.'),
      signal: z.enum(['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGHUP']).default('SIGTERM').describe('Sent to end it.'),
      timeout: durationOrZero.prefault('10s').describe('Time it has to end by itself before it is killed.'),
    })
    .prefault({})
    .describe('How it is ended: by unloading, by its ttl, by a swap.'),
  log: z
    .strictObject({
      folder: file.optional().describe('Folder for what the engine prints. Default: the data folder of llmr.'),
    })
    .prefault({})
    .describe('Output of the engine.'),
  sampling: z
    .record(z.string(), z.unknown())
    .prefault({})
    .describe('Parameters of a request, such as temperature, that hold when the client sends none.'),
  filters: z
    .strictObject({
      set: z.record(z.string(), z.unknown()).prefault({}).describe('Parameters that hold whatever the client sends.'),
      strip: z.array(text).default([]).describe('Parameters taken out of every request.'),
      set_by_name: z
        .record(text, z.record(z.string(), z.unknown()))
        .prefault({})
        .describe('name → parameters that hold when the client asked for that name; each name is an alias.'),
    })
    .prefault({})
    .describe('What is changed in requests.'),
  use_model_name: text.optional().describe("The engine's name for it, written into requests. Default: its profile."),
  aliases: z.array(text).default([]).describe('Other names for it. Not inherited.'),
  unlisted: z.boolean().default(false).describe('Usable, but not in the model list.'),
  capabilities: z
    .array(z.enum(capabilityNames))
    .optional()
    .describe('What it can do. Default: what the running engine says.'),
  tags: z.array(text).default([]).describe('For people, and for `llmr profiles list --tag`.'),
  metadata: z.record(z.string(), z.unknown()).prefault({}).describe('Shown with the model in the model list.'),
  ttl: durationOrZero
    .optional()
    .describe(
      'Unloaded when nothing has used it for so long; 0s: never. Default: it stays until its memory is needed.',
    ),
  minimum_residency: durationOrZero
    .prefault('0s')
    .describe('After a load it stays this long, unless a request for another model is overdue.'),
  concurrency: count.optional().describe('Requests given to it at once. Default: parallel.'),
  weight: z.number().positive().default(1).describe('How much its waiting counts against that of other models.'),
  group: text.optional().describe('Group of models it belongs to.'),
  vram: size
    .optional()
    .describe(
      'Memory it holds when loaded. Default: estimated from the header of its weights, its context and its cache, as `llmr profiles fit` does.',
    ),
  pools: z
    .record(text, size)
    .prefault({})
    .describe('The same by pool of memory, for machines that have several: gpu0, gpu1, ram.'),
  pin: z.boolean().default(false).describe('Never unloaded to make room.'),
  preload: z.boolean().default(false).describe('Loaded when llmr starts.'),
  loading_state: z
    .enum(loadingStates)
    .optional()
    .describe('How waiting for it is shown in streams. Default: dialects.loading_state.'),
  sleep: z
    .strictObject({
      level: z
        .union([z.literal(1), z.literal(2)], { error: 'expected 1 or 2' })
        .default(1)
        .describe('1 keeps the weights in RAM, 2 throws them away.'),
      vram: size.prefault('1GiB').describe('What it goes on holding of its GPU meanwhile.'),
    })
    .optional()
    .describe('For vllm: sleep instead of ending when its memory is needed.'),
  save_slots: z
    .boolean()
    .default(false)
    .describe('For llama-server: save warm conversations before a swap and restore them after it.'),
})

export type ProfileConfig = z.output<typeof profileSchema>

/** What stands in profiles/*.yaml beside llmr.yaml. */
export const profileFileSchema = z.strictObject({
  macros: macrosSchema.prefault({}).describe('Macros for all profiles of this file.'),
  profiles: z
    .record(profileName, profileSchema)
    .register(marks, { mark: 'template' })
    .prefault({})
    .describe('Profiles by name.'),
})
