import { z } from 'zod'

import { marks } from '../schema-marks.ts'

/** Values of one kind that several sections share. */

export const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, {
  error: 'expected a name of letters, digits, dots, dashes or underscores',
})

export const positive = z.number().positive()
export const count = z.int().positive()
export const file = z.string().min(1).register(marks, { mark: 'file' })
export const secret = z.string().min(1).register(marks, { mark: 'secret' })
export const headerName = z
  .string()
  .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, { error: 'expected the name of an HTTP header' })
export const headerSecret = secret.regex(/^[\t\x20-\x7e]*$/, {
  error: 'expected one line of ASCII characters; a variable read from a file may end with a line break',
})

/** Where a server is; what is put behind it begins with a slash. */
export const baseUrl = z
  .url({ protocol: /^https?$/, error: 'expected an http:// or https:// URL', abort: true })
  .refine((url) => !/^https?:\/\/[^/?#]*@/i.test(url), {
    error: 'expected no user and password in the URL, which logs show; use headers or api_key',
    abort: true,
  })
  .refine((url) => !/[?#]/.test(url), { error: 'expected a URL without ? and #' })
  .overwrite((url) => url.replace(/\/+$/, '').replace(/\/v1$/, ''))
