/** What an operator sees when the gateway is up: where it is, what is behind it, and what to try. */
export function formatGreeting(facts: {
  readonly version: string
  readonly url: string
  readonly configFile: string | undefined
  readonly isSimulated: boolean
  readonly isAuthRequired: boolean
  readonly backends: readonly {
    readonly name: string
    readonly url: string
    readonly status: string
    readonly lastError?: string
  }[]
  readonly models: readonly string[]
}): string {
  const { version, url, configFile, isSimulated, isAuthRequired, backends, models } = facts
  const lines = [
    `llmr ${version} listens on ${url}`,
    '',
    ...row('config', configFile ?? 'none: everything has its default'),
    ...backends.flatMap(({ name, url: address, status, lastError }) =>
      row('backend', `${name}  ${address}  ${status}${lastError === undefined ? '' : `: ${lastError}`}`),
    ),
    ...row('models', shorten(models)),
  ]
  if (isSimulated) {
    lines.push(
      '',
      'No engine answers on the usual ports of this machine (Ollama 11434, llama-server 8080, LM Studio 1234, vLLM 8000),',
      'so replies are SIMULATED: the model "simulated" composes them and runs no model. An engine that is started now is',
      'found within ten seconds; others are named in llmr.yaml.',
    )
  }
  // `0.0.0.0` is where to listen, not where to go.
  const near = url.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:')
  lines.push(
    '',
    `Look at it: ${near}/ui/`,
    '',
    'Try it:',
    `  ${example({ url: near, model: models[0] ?? 'simulated', isAuthRequired })}`,
    '',
  )
  return lines.join('\n')
}

function row(name: string, text: string): string[] {
  return [`  ${name.padEnd(9)}${text}`]
}

const namesMax = 6

function shorten(models: readonly string[]): string {
  if (models.length === 0) return 'none yet'
  const more = models.length > namesMax ? ` and ${models.length - namesMax} more` : ''
  return models.slice(0, namesMax).join(', ') + more
}

/** What can be pasted into a shell of this machine. */
function example({ url, model, isAuthRequired }: { url: string; model: string; isAuthRequired: boolean }): string {
  const key = isAuthRequired ? ` -H "authorization: Bearer $LLMR_KEY"` : ''
  const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }] })
  return `curl ${url}/v1/chat/completions${key} -H 'content-type: application/json' -d '${body}'`
}
