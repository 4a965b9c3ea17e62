/**
 * An element with text and elements in it. Text is never read as HTML: names come from engines and clients.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {{ class?: string, text?: string, title?: string, onClick?: () => void, colSpan?: number }} [facts]
 * @param {readonly Node[]} [children]
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, facts = {}, children = []) {
  const made = document.createElement(tag)
  if (facts.class !== undefined) made.className = facts.class
  if (facts.text !== undefined) made.textContent = facts.text
  if (facts.title !== undefined) made.title = facts.title
  if (facts.onClick !== undefined) made.addEventListener('click', facts.onClick)
  if (facts.colSpan !== undefined && made instanceof HTMLTableCellElement) made.colSpan = facts.colSpan
  made.append(...children)
  return made
}

/**
 * Makes `parent` show these items, in this order. What is there already is told the new state and stays the same element,
 * so that a button does not go away under the pointer.
 *
 * @template Item
 * @param {Element} parent
 * @param {readonly Item[]} items
 * @param {{ key: (item: Item) => string, make: (item: Item) => { nodes: readonly HTMLElement[], update: (item: Item) => void } }} how
 */
export function showEach(parent, items, { key, make }) {
  const before = shown.get(parent) ?? new Map()
  const after = new Map()
  /** @type {HTMLElement[]} */
  const nodes = []
  for (const item of items) {
    const name = key(item)
    const entry = before.get(name) ?? make(item)
    entry.update(item)
    after.set(name, entry)
    nodes.push(...entry.nodes)
  }
  shown.set(parent, after)
  const isSame =
    nodes.length === parent.children.length && nodes.every((node, index) => parent.children[index] === node)
  if (!isSame) parent.replaceChildren(...nodes)
}

/** @type {WeakMap<Element, Map<string, any>>} */
const shown = new WeakMap()

/**
 * @param {Element} node
 * @param {string} text
 */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text
}

/**
 * Of the page as it is written, so it is there.
 *
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  const found = document.getElementById(id)
  if (found === null) throw new Error(`expected an element ${id}`)
  return found
}
