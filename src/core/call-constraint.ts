/** What holds a reply to the form of a call, from the moment it begins one or from its first character on. */
export interface CallConstraint {
  /** GBNF, with the rule `root`. */
  readonly grammar: string
  /** What begins a call; none: the reply has to be one. */
  readonly triggers: readonly CallTrigger[]
  /** `loose`: the name is one of the tools and the arguments are an object. `full`: the arguments fit the tool's schema. */
  readonly strictness: Strictness
}

export type CallTrigger =
  | { readonly kind: 'word'; readonly text: string }
  /** Of everything written so far; the grammar begins where its group does. */
  | { readonly kind: 'pattern'; readonly text: string }

export type Strictness = 'loose' | 'full'
