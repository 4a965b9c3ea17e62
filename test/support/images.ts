/** One pixel. */
export const pngBase64 =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

export const pngUrl = `data:image/png;base64,${pngBase64}`

/** The beginning of a JPEG, which is all that is looked at. */
export const jpegBase64 = Buffer.from('\xff\xd8\xff\xe0\0\x10JFIF\0\x01', 'latin1').toString('base64')
