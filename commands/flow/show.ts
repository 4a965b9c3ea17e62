import { Args, Flags } from '@oclif/core'

import { LlmrCommand } from '../../src/cli/command.ts'
import { sourceFlags } from '../../src/cli/source-flags.ts'

export default class FlowShow extends LlmrCommand {
  static override summary = 'Show which way a request took, what it used and where the time went.'
  static override description =
    'A tree of steps: how the request was understood, what was found for it and what of that the model was shown (✓), what it ' +
    'waited for, which backends were asked, and what workers did afterwards. Ids, digests and numbers; never a word of what ' +
    'was said. Lists every request with that id, since clients may repeat a correlation id.'
  static override examples = [
    {
      description: 'The id comes in the reply headers x-correlation-id and x-request-id',
      command: '<%= config.bin %> <%= command.id %> 019a6f0e-5b7c-7d2a-9c41-0d9f5d0b2a11',
    },
    { description: 'As a picture', command: '<%= config.bin %> <%= command.id %> my-run-7 --mermaid > flow.mmd' },
  ]
  static override args = { id: Args.string({ required: true, description: 'Correlation id or request id.' }) }
  static override flags = {
    mermaid: Flags.boolean({ summary: 'Write the graph for Mermaid.' }),
    ...sourceFlags,
  }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(FlowShow)
    const { withRecords } = await import('../../src/gateway/operating/source/with-source.ts')
    const { CliError } = await import('../../src/cli/cli-error.ts')
    const { formatFlow } = await import('../../src/cli/format-flow.ts')
    const { flowMermaid } = await import('../../src/cli/flow-mermaid.ts')
    const { storeFailure } = await import('../../src/cli/store-failure.ts')

    const where = { ...flags, version: this.config.version }
    const flows = await withRecords(where, (records) => records.flows(args.id)).catch(storeFailure)
    if (flows.length === 0) {
      throw new CliError(`Nothing is known of a request ${args.id}.`, {
        code: 'request_not_found',
        nextSteps: [
          'It is told when it has ended, and kept for store.lineage.keep.',
          'Without memory and without NATS only the latest requests of a running gateway are known.',
        ],
      })
    }
    this.log(flows.map(flags.mermaid ? flowMermaid : formatFlow).join('\n\n'))
    return { flows }
  }
}
