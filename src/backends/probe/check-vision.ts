import type { Connection } from '../connection.ts'
import { type Deadline, openApi } from '../describe-backend.ts'
import { listAt } from '../../core/foreign-json.ts'
import { openaiPaths } from '../openai-paths.ts'
import { checkFailure } from './check-failure.ts'
import type { ProbeCheck } from './probe-report.ts'

/** A red square of 32 by 32 pixels: some projectors refuse smaller ones. */
const redSquare =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAACAAAAAgCAIAAAD8GO2jAAAAJ0lEQVR42u3NsQkAAAjAsP7/tF7hIASyp6lTCQQCgUAgEAgEgi/BAjLD/C5w/SM9AAAAAElFTkSuQmCC'

/** Whether an image gets through to a model that is said to see: what it answers is its own business. */
export async function checkVision(connection: Connection, model: string, deadline: Deadline): Promise<ProbeCheck> {
  const check = { step: 'vision', model } as const
  try {
    const reply = await openApi(connection, deadline).post(openaiPaths.chat, {
      model,
      max_tokens: 16,
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Which colour is this?' },
            { type: 'image_url', image_url: { url: redSquare } },
          ],
        },
      ],
    })
    if (listAt(reply, 'choices').length > 0) return { ...check, outcome: 'passed', detail: 'takes images' }
    return { ...check, outcome: 'failed', detail: 'The engine took an image and answered with no reply.' }
  } catch (error) {
    return checkFailure(error, check)
  }
}
