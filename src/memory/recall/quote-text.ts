/**
 * Stored text as a quotation: every line begins with a mark, so that no text can end the quotation, begin one of ours, or
 * speak in another voice. What chat templates read as the border of a message is broken up, since an engine may take it for
 * one wherever it stands.
 */
export function quoteText(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(lineBreaks, '\n')
    .replaceAll(unseen, '')
    .replaceAll(templateMarks, '$1 ')
    .trim()
    .split('\n')
    .map((line) => `> ${line}`.trimEnd())
    .join('\n')
}

/** Everything that some reader takes for the end of a line. */
const lineBreaks = /\r\n|[\r\v\f\u0085\u2028\u2029]/g

/** Controls, and marks that turn the direction of text round or hide it. */
// oxlint-disable-next-line no-control-regex
const unseen = /[\u0000-\u0008\u000E-\u001F\u007F\u200B\u200E\u200F\u202A-\u202E\u2060-\u2064\u2066-\u2069\uFEFF]/g

/** `<|im_start|>`, `<｜User｜>`, `<s>`, `<start_of_turn>`, `[INST]`, and the borders of our own block. */
const templateMarks =
  /(<(?=[|｜])|<(?=\/?(?:s|bos|eos|start_of_turn|end_of_turn|start_header_id|end_header_id|earlier-messages)\b)|\[(?=\/?(?:INST|SYSTEM_PROMPT|TOOL_CALLS|AVAILABLE_TOOLS)\]))/gi
