/** A number from 0 up to this one, which is not among them. */
type Draw = (below: number) => number

type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'class'; readonly isNegated: boolean; readonly ranges: readonly (readonly [number, number])[] }
  | { readonly kind: 'rule'; readonly name: string }
  | { readonly kind: 'all'; readonly nodes: readonly Node[] }
  | { readonly kind: 'any'; readonly nodes: readonly Node[] }
  | { readonly kind: 'repeat'; readonly node: Node; readonly least: number; readonly most: number }

/**
 * Some text that a GBNF grammar allows. Beyond a depth the shortest way out is taken, so that it ends.
 *
 * @throws when a rule is not there, or the grammar is not what the engine would read
 */
export function sampleGrammar(grammar: string, draw: Draw): string {
  const rules = new Map(
    grammar.split('\n').map((line) => {
      const [name = '', body = ''] = line.split(' ::= ', 2)
      return [name, parse(body)] as const
    }),
  )
  const costOf = costs(rules)
  const sample = (node: Node, depth: number): string => {
    const isDeep = depth > depthMax
    switch (node.kind) {
      case 'text':
        return node.text
      case 'class':
        return sampleClass(node, draw)
      case 'rule': {
        const rule = rules.get(node.name)
        if (rule === undefined) throw new Error(`no rule ${node.name} in\n${grammar}`)
        return sample(rule, depth + 1)
      }
      case 'all':
        return node.nodes.map((part) => sample(part, depth)).join('')
      case 'any': {
        const chosen = isDeep
          ? node.nodes.toSorted((one, other) => costOf(one) - costOf(other))[0]
          : node.nodes[draw(node.nodes.length)]
        return chosen === undefined ? '' : sample(chosen, depth)
      }
      case 'repeat': {
        const most = Math.min(node.most, node.least + 2)
        const count = isDeep ? node.least : node.least + draw(most - node.least + 1)
        return Array.from({ length: count }, () => sample(node.node, depth)).join('')
      }
    }
  }
  return sample({ kind: 'rule', name: 'root' }, 0)
}

const depthMax = 24

/** The least number of rules that have to be gone into before a node has said something. */
function costs(rules: ReadonlyMap<string, Node>): (node: Node) => number {
  const known = new Map<string, number>()
  const costOf = (node: Node): number => {
    switch (node.kind) {
      case 'text':
      case 'class':
        return 0
      case 'rule':
        return 1 + (known.get(node.name) ?? Infinity)
      case 'all':
        return node.nodes.reduce((sum, part) => sum + costOf(part), 0)
      case 'any':
        return Math.min(...node.nodes.map(costOf))
      case 'repeat':
        return node.least === 0 ? 0 : costOf(node.node)
    }
  }
  for (let hasChanged = true; hasChanged;) {
    hasChanged = false
    for (const [name, node] of rules) {
      const cost = costOf(node)
      hasChanged ||= cost < (known.get(name) ?? Infinity)
      known.set(name, cost)
    }
  }
  return costOf
}

function sampleClass({ isNegated, ranges }: Extract<Node, { kind: 'class' }>, draw: Draw): string {
  if (!isNegated) {
    const [from, to] = ranges[draw(ranges.length)] ?? [97, 97]
    return String.fromCodePoint(from + draw(to - from + 1))
  }
  const isIn = (code: number): boolean => ranges.some(([from, to]) => code >= from && code <= to)
  const pool = Array.from('ab<>/ "{}[]=\\é\n', (character) => character.codePointAt(0) ?? 0).filter(
    (code) => !isIn(code),
  )
  return String.fromCodePoint(pool[draw(pool.length)] ?? 97)
}

function parse(body: string): Node {
  let at = 0
  const node = alternatives()
  if (at < body.length) throw new Error(`cannot read ${body.slice(at)}`)
  return node

  function alternatives(): Node {
    const nodes = [sequence()]
    while (body[at] === '|') {
      at++
      nodes.push(sequence())
    }
    return { kind: 'any', nodes }
  }

  function sequence(): Node {
    const nodes: Node[] = []
    for (;;) {
      while (body[at] === ' ') at++
      if (at >= body.length || body[at] === '|' || body[at] === ')') return { kind: 'all', nodes }
      nodes.push(repeated(single()))
    }
  }

  function single(): Node {
    if (body[at] === '(') {
      at++
      const inner = alternatives()
      if (body[at++] !== ')') throw new Error(`expected ) in ${body}`)
      return inner
    }
    if (body[at] === '"') return text()
    if (body[at] === '[') return characters()
    const [name = ''] = /^[a-zA-Z0-9-]+/.exec(body.slice(at)) ?? []
    if (name === '') throw new Error(`cannot read ${body.slice(at)}`)
    at += name.length
    return { kind: 'rule', name }
  }

  function repeated(inner: Node): Node {
    const sign = body[at]
    if (sign === '*' || sign === '+' || sign === '?') {
      at++
      return { kind: 'repeat', node: inner, least: sign === '+' ? 1 : 0, most: sign === '?' ? 1 : Infinity }
    }
    const [whole = '', least = '0', most = '0'] = /^\{(\d+),(\d*)\}/.exec(body.slice(at)) ?? []
    const [exact = '', count = '0'] = /^\{(\d+)\}/.exec(body.slice(at)) ?? []
    at += whole.length + exact.length
    const last = most === '' ? Infinity : Number(most)
    if (whole !== '') return { kind: 'repeat', node: inner, least: Number(least), most: last }
    return exact === '' ? inner : { kind: 'repeat', node: inner, least: Number(count), most: Number(count) }
  }

  function text(): Node {
    let said = ''
    for (at++; body[at] !== '"';) said += character()
    at++
    return { kind: 'text', text: said }
  }

  function characters(): Node {
    at++
    const isNegated = body[at] === '^'
    if (isNegated) at++
    const ranges: [number, number][] = []
    while (body[at] !== ']') {
      const from = character().codePointAt(0) ?? 0
      const isRange = body[at] === '-' && body[at + 1] !== ']'
      if (isRange) at++
      ranges.push([from, isRange ? (character().codePointAt(0) ?? 0) : from])
    }
    at++
    return { kind: 'class', isNegated, ranges }
  }

  function character(): string {
    if (at >= body.length) throw new Error(`not closed: ${body}`)
    if (body[at] !== '\\') {
      const read = String.fromCodePoint(body.codePointAt(at) ?? 0)
      at += read.length
      return read
    }
    const [hex = '', short, middle, long] =
      /^\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8}))/.exec(body.slice(at)) ?? []
    if (hex !== '') {
      at += hex.length
      return String.fromCodePoint(Number.parseInt(short ?? middle ?? long ?? '', 16))
    }
    const known: Readonly<Record<string, string>> = {
      n: '\n',
      r: '\r',
      t: '\t',
      '"': '"',
      '\\': '\\',
      '[': '[',
      ']': ']',
    }
    const read = known[body[at + 1] ?? '']
    if (read === undefined) throw new Error(`unknown escape ${body.slice(at, at + 2)}`)
    at += 2
    return read
  }
}
