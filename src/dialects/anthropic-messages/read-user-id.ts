import { parseForeignJson, textAt } from '../../core/foreign-json.ts'

/** Who asks and in which conversation: one client puts both into `metadata.user_id`, as JSON or, in older builds, joined. */
export function readUserId(userId: string | undefined): { readonly user?: string; readonly cacheKey?: string } {
  if (userId === undefined || userId === '') return {}
  if (userId.length > lengthMax) return { user: userId }
  const joined = /^(user_.+?)_account_.*_session_(.+)$/.exec(userId)
  if (joined !== null) return { user: joined[1], cacheKey: joined[2] }
  const json = userId.startsWith('{') ? parseForeignJson(userId) : undefined
  if (json === undefined) return { user: userId }
  return {
    user: textAt(json, 'account_uuid') || textAt(json, 'device_id'),
    cacheKey: textAt(json, 'session_id'),
  }
}

/** Far more than any client writes; whether a longer text fits the pattern takes time by the square of its length. */
const lengthMax = 2_048
