import type { PlaceResidence, Residence, StandingOfModel } from './gateway-state.ts'

/** The most hopeful first: where nobody says, requests go at once. */
const hope: readonly Residence[] = ['loaded', 'unknown', 'loading', 'unloading', 'unloaded']

/** How a model stands over all its places: as the best of them, with what they have in hand together. */
export function joinPlaces(places: readonly PlaceResidence[]): StandingOfModel {
  const counted = byOrigin(places)
  const [best] = counted.toSorted((one, other) => hope.indexOf(one.residence) - hope.indexOf(other.residence))
  const sum = (numberOf: (place: PlaceResidence) => number): number =>
    counted.reduce((all, place) => all + numberOf(place), 0)
  const hasSlots = counted.length > 0 && counted.every(({ slots }) => slots !== undefined)
  return {
    residence: best?.residence ?? 'unknown',
    running: sum(({ running }) => running),
    queued: sum(({ queued }) => queued),
    ...(hasSlots && { slots: sum(({ slots = 0 }) => slots) }),
    ...(best?.expectedLoadMs !== undefined && { expectedLoadMs: best.expectedLoadMs }),
    ...(best?.meanServiceMs !== undefined && { meanServiceMs: best.meanServiceMs }),
  }
}

/** A machine that is reached in two ways is one machine: the shorter way counts. */
function byOrigin(places: readonly PlaceResidence[]): readonly PlaceResidence[] {
  const longestFirst = places.toSorted((one, other) => other.path.length - one.path.length)
  return [...new Map(longestFirst.map((place) => [place.path.at(-1), place])).values()]
}
