export const tripleQuotes = ['"""', "'''"] as const

/** What may follow a string. */
export const valueEnds = ',:]}'
export const keyEnds = ',:]}='

/** Another text that is added, and a member whose comma was forgotten. */
export const sum = /\s*\+\s*["'`]/y
export const forgottenComma = /[ \t]+"[\w.-]{1,64}"\s*:/y

/** Its backslashes were meant as they stand, those too that look like escapes. */
export const windowsPath = /^[A-Za-z]:\\(?!\\)(?:(?!\\\\)[^"])*$/

export const closingQuotes: Readonly<Record<string, string>> = { '"': '"', "'": "'", '`': '`', '“': '”', '‘': '’' }

export const literals: Readonly<Record<string, unknown>> = {
  true: true,
  false: false,
  null: null,
  True: true,
  False: false,
  None: null,
  undefined: null,
  NaN: null,
}

export const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  b: '\b',
  f: '\f',
  '/': '/',
  '\\': '\\',
  '"': '"',
  "'": "'",
  '\n': '\n',
}
