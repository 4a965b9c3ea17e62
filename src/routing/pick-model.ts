import type { Picks, PickSlot } from './catalogue-entry.ts'
import type { ResolvedModel } from './resolved-model.ts'
import { type Route, type RouteContext, type RouteOptions, routeTo } from './route-to.ts'

/**
 * What a virtual model comes to for this request: the pick that suits it best among those that can serve it. Hard facts
 * rule a pick out, so that a prompt too long for one goes to the next, and `long` takes what fits nowhere else.
 */
export function pickModel(virtual: ResolvedModel, context: RouteContext): Route | undefined {
  return pickWithin(virtual, context, new Set())
}

/** @param visited names of virtual models on the way here: a pick may be virtual too, but not lead in a circle. */
function pickWithin(virtual: ResolvedModel, context: RouteContext, visited: ReadonlySet<string>): Route | undefined {
  const { pick, name } = virtual
  if (!pick || visited.has(name)) return undefined
  const preferences = preferredPicks(pick, context)
  const within = new Set([...visited, name])
  for (const demands of demandsOf(context)) {
    for (const preference of demands.needsRoom ? preferences : longFirst(preferences)) {
      const route = tryPick(preference, { context, reason: `${name}: ${preference.why}`, ...demands }, within)
      if (route && preference === preferences[0]) return route
      if (route) return { ...route, reason: withDetour(route, preferences, context) }
    }
  }
  return undefined
}

/** Native tools are worth more than the suitable model, and room for the prompt more than native tools. */
function demandsOf({ request }: RouteContext): readonly Demands[] {
  const roomy = { needsNativeTools: false, needsRoom: true }
  const anything = { needsNativeTools: false, needsRoom: false }
  const offersTools = (request.outline?.toolNames.length ?? 0) > 0
  return offersTools ? [{ needsNativeTools: true, needsRoom: true }, roomy, anything] : [roomy, anything]
}

interface Demands {
  readonly needsNativeTools: boolean
  readonly needsRoom: boolean
}

interface Preference {
  readonly slot: PickSlot
  readonly model: string
  readonly why: string
}

/**
 * The picks in the order in which they suit the request. What a client asks for on its own account never goes by topic:
 * it carries the history, whose words would send every title to the coding model. And a person's own request never goes
 * to the background pick, whatever else is missing.
 */
function preferredPicks(pick: Picks, context: RouteContext): readonly Preference[] {
  const { outline, classification } = context.request
  const { kind, backgroundTask, carriesConversation } = classification
  const isChore = kind === 'background' && !carriesConversation
  const suitable: readonly (Omit<Preference, 'model'> | undefined | false)[] = [
    isChore && { slot: 'background', why: `background ${backgroundTask ?? 'task'}` },
    outline?.hasImages && { slot: 'vision', why: 'has images' },
    outline && outline.toolNames.length > 0 && { slot: 'agent', why: 'offers tools' },
    outline?.hasToolResults && { slot: 'agent', why: 'has tool results' },
    kind !== 'background' && byTopic(pick, context),
    { slot: 'general', why: 'general' },
    { slot: 'long', why: 'long' },
    { slot: 'agent', why: 'what is left' },
    { slot: 'coding', why: 'what is left' },
    { slot: 'vision', why: 'what is left' },
  ]
  const preferences = suitable.flatMap((preference) => {
    const model = preference ? pick[preference.slot] : undefined
    return preference && model !== undefined ? [{ ...preference, model }] : []
  })
  // One model may fill several slots; the first says why.
  return preferences.filter(({ model }, index) => preferences.findIndex((other) => other.model === model) === index)
}

/** When the intent model has spoken the words are not counted: it has read the message. */
function byTopic(pick: Picks, { intent, routing, request }: RouteContext): Omit<Preference, 'model'> | undefined {
  if (intent) return intent === 'coding' ? { slot: 'coding', why: 'intent coding' } : undefined
  const text = request.outline?.lastUserText ?? ''
  const match = text === '' || isGeneralOnly(pick) ? undefined : routing.heuristics(text)
  if (!match || !isTopicSlot(match.topic)) return undefined
  // Never the words themselves: a reason goes to the log, and they are from somebody's message.
  return { slot: match.topic, why: `${match.topic} by words, score ${match.score}` }
}

const topicSlots = ['general', 'coding', 'agent', 'vision', 'long'] as const

function isTopicSlot(topic: string): topic is (typeof topicSlots)[number] {
  return topicSlots.some((slot) => slot === topic)
}

function isGeneralOnly(pick: Picks): boolean {
  return topicSlots.every((slot) => slot === 'general' || pick[slot] === undefined || pick[slot] === pick.general)
}

/** When nothing has ample room the largest comes first. */
function longFirst(preferences: readonly Preference[]): readonly Preference[] {
  return [...preferences.filter(({ slot }) => slot === 'long'), ...preferences.filter(({ slot }) => slot !== 'long')]
}

function tryPick(
  { model: name }: Preference,
  options: Omit<RouteOptions, 'askedAs'>,
  visited: ReadonlySet<string>,
): Route | undefined {
  const { context } = options
  const model = context.catalogue.resolve(name)
  if (model?.pick) return pickWithin(model, context, visited)
  if (model) return routeTo(model, { ...options, askedAs: name })
  context.rejections.push({ model: name, obstacle: 'unknown', why: 'no backend has it' })
  return undefined
}

/** Why it is not the pick that would have suited best. */
function withDetour({ reason }: Route, preferences: readonly Preference[], { rejections }: RouteContext): string {
  const best = preferences[0]?.model
  const rejection = rejections.find(({ model }) => model === best)
  return rejection ? `${reason}; ${rejection.model}: ${rejection.why}` : reason
}
