import type { ErrorCode, YAMLError } from 'yaml'

import type { Finding } from './finding.ts'

/** In our own words: the parser's messages quote the text, which may be a secret that was pasted in the wrong place. */
export function explainYamlError({ code, pos }: YAMLError): Finding {
  return {
    path: [],
    offset: pos[0],
    code: code === 'DUPLICATE_KEY' ? 'duplicate_key' : 'syntax',
    message: messages[code],
  }
}

const messages: Readonly<Record<ErrorCode, string>> = {
  ALIAS_PROPS: 'an alias (*) cannot have an anchor or a tag of its own',
  BAD_ALIAS: 'expected a name right after & or *; put text that begins with one of them in quotes',
  BAD_COLLECTION_TYPE: 'this tag (!) does not fit what follows it; take the tag away',
  BAD_DIRECTIVE: 'unknown directive (a line that begins with %); take it away',
  BAD_DQ_ESCAPE: 'unknown escape in a "…" text; write \\\\ for a backslash, or use single quotes',
  BAD_INDENT: 'wrong indentation; keys of one mapping begin in the same column',
  BAD_PROP_ORDER: 'anchors (&) and tags (!) come after the "-", "?" or ":"',
  BAD_SCALAR_START: 'text cannot begin with this character; put it in quotes',
  BLOCK_AS_IMPLICIT_KEY:
    'a mapping cannot begin here; put a line break before it, or put text that holds ": " in quotes',
  BLOCK_IN_FLOW: 'inside { } and [ ] everything is separated by commas, not by lines',
  DUPLICATE_KEY: 'this key stands twice; keep one',
  IMPOSSIBLE: 'this is not YAML',
  KEY_OVER_1024_CHARS: 'a key this long is not YAML; is a ":" or a quote missing?',
  MISSING_CHAR: 'a character is missing here: often the ":" with a space after a key, a closing quote, or a comma',
  MULTILINE_IMPLICIT_KEY:
    'a key must stand on one line and end with ":"; is a ":" missing, or is the indentation wrong?',
  MULTIPLE_ANCHORS: 'a value can have one anchor (&)',
  MULTIPLE_DOCS: 'expected one document; take the "---" away, or split the file',
  MULTIPLE_TAGS: 'a value can have one tag (!)',
  NON_STRING_KEY: 'expected text as a key',
  RESOURCE_EXHAUSTION: 'nested too deep',
  TAB_AS_INDENT: 'indent with spaces; YAML does not allow tabs',
  TAG_RESOLVE_FAILED: 'unknown tag (!); put text that begins with "!" in quotes, and write variables as ${env.NAME}',
  UNEXPECTED_TOKEN: 'this does not belong here; is a quote, a bracket or a ":" missing before it?',
}
