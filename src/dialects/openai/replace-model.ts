import { findJsonMember } from './json-member.ts'
import { findMultipartField } from './multipart-field.ts'
import type { OpenAiRequest } from './read-request.ts'

/**
 * The body with another model name in it and every other byte as the client sent it: the engine's prefix cache, and a
 * megabyte of audio, depend on that.
 */
export function replaceModel(parts: {
  request: OpenAiRequest
  body: Buffer
  contentType: string | undefined
  model: string
}): Buffer {
  const { request, body, contentType = '', model } = parts
  switch (request.encoding) {
    case 'json':
      return replaceInJson(body, model)
    case 'multipart': {
      const field = findMultipartField(body, contentType, 'model')
      if (field === undefined) return body
      return splice(body, field, Buffer.from(model))
    }
    case 'urlencoded': {
      const form = new URLSearchParams(body.toString())
      form.set('model', model)
      return Buffer.from(form.toString())
    }
    case 'none':
      return body
  }
}

function replaceInJson(body: Buffer, model: string): Buffer {
  const value = Buffer.from(JSON.stringify(model))
  const member = findJsonMember(body, 'model')
  if (member !== undefined) return splice(body, member, value)
  const brace = body.indexOf('{') + 1
  const isEmpty = /^\s*\}/.test(body.toString('latin1', brace, brace + 64))
  const inserted = Buffer.concat([Buffer.from('"model":'), value, Buffer.from(isEmpty ? '' : ',')])
  return splice(body, { start: brace, end: brace }, inserted)
}

function splice(body: Buffer, range: { start: number; end: number }, replacement: Buffer): Buffer {
  return Buffer.concat([body.subarray(0, range.start), replacement, body.subarray(range.end)])
}
