/** One number of a metric, for one combination of label values. Whoever counts holds on to it. */
export interface Counter {
  value: number
}

/** A metric with all its label combinations, ready to be rendered. */
export interface Family {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  samples(): Iterable<Sample>
}

export interface Sample {
  /** Follows the family's name: `_bucket`, `_sum`, `_count`, or nothing. */
  readonly suffix: string
  readonly labels: Labels
  readonly value: number
}

export type Labels = readonly (readonly [name: string, value: string])[]

interface Description {
  readonly name: string
  readonly help: string
  readonly labels?: readonly string[]
}

export interface CounterFamily extends Family {
  /** The counter for these label values, in the order in which the labels were declared; always the same object. */
  series(...values: string[]): Counter
}

export function counterFamily({ name, help, labels = [] }: Description): CounterFamily {
  const all = keyed<Counter>(labels, () => ({ value: 0 }))
  // Without labels there is one series, and it is there from the start: a rate needs to have seen the zero.
  if (labels.length === 0) all.get([])
  return {
    name,
    help,
    type: 'counter',
    series: (...values) => all.get(values),
    *samples() {
      for (const [labels, { value }] of all.entries()) yield { suffix: '', labels, value }
    },
  }
}

/** Reads its values when somebody asks. */
export function gaugeFamily({
  name,
  help,
  labels = [],
  read,
}: Description & { readonly read: () => Iterable<readonly [labelValues: readonly string[], value: number]> }): Family {
  return {
    name,
    help,
    type: 'gauge',
    *samples() {
      for (const [values, value] of read()) yield { suffix: '', labels: pair(labels, values), value }
    },
  }
}

/** A counter that somebody else counts. */
export function countedFamily(parts: Parameters<typeof gaugeFamily>[0]): Family {
  return { ...gaugeFamily(parts), type: 'counter' }
}

export interface HistogramFamily extends Family {
  series(...values: string[]): Histogram
}

/** @param bounds upper bounds of the buckets, ascending; `+Inf` is added. */
export function histogramFamily({
  name,
  help,
  labels = [],
  bounds,
}: Description & { readonly bounds: readonly number[] }): HistogramFamily {
  const all = keyed(labels, () => new Histogram(bounds))
  return {
    name,
    help,
    type: 'histogram',
    series: (...values) => all.get(values),
    *samples() {
      for (const [labels, histogram] of all.entries()) yield* histogram.samples(labels)
    },
  }
}

export class Histogram {
  readonly #bounds: readonly number[]
  /** How many fell into each bucket alone; the last is what exceeds every bound. */
  readonly #counts: number[]
  #sum = 0

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds
    this.#counts = Array.from({ length: bounds.length + 1 }, () => 0)
  }

  observe(value: number): void {
    const bounds = this.#bounds
    let bucket = 0
    while (bucket < bounds.length && value > (bounds[bucket] ?? 0)) bucket += 1
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1
    this.#sum += value
  }

  *samples(labels: Labels): Iterable<Sample> {
    let total = 0
    for (const [bucket, count] of this.#counts.entries()) {
      total += count
      const bound = this.#bounds[bucket]
      yield {
        suffix: '_bucket',
        labels: [...labels, ['le', bound === undefined ? '+Inf' : String(bound)]],
        value: total,
      }
    }
    yield { suffix: '_sum', labels, value: this.#sum }
    yield { suffix: '_count', labels, value: total }
  }
}

function keyed<T>(names: readonly string[], create: () => T) {
  const all = new Map<string, readonly [Labels, T]>()
  return {
    get(values: readonly string[]): T {
      const key = values.join('\u0000')
      let entry = all.get(key)
      if (entry === undefined) {
        entry = [pair(names, values), create()]
        all.set(key, entry)
      }
      return entry[1]
    },
    entries: () => all.values(),
  }
}

function pair(names: readonly string[], values: readonly string[]): Labels {
  return names.map((name, index) => [name, values[index] ?? ''])
}
