import { Flows } from '../../../store/flows.ts'
import { exportPage } from '../../../store/export/export-page.ts'
import { forget } from '../../../store/forgetting.ts'
import { MemoryRecords } from '../../../store/memory-records.ts'
import { questionWords } from '../../../memory/recall/question-words.ts'
import { exportPageRows } from '../export/export-source.ts'
import { type KeptWhere, openKeptStore } from './open-kept-store.ts'
import type { OperatorRecords } from './operator-records.ts'
import type { OpenedSource } from './opened-source.ts'

const flowsMax = 100

/** What the configured store holds, where no gateway is asked for it. @throws CliError, ConfigError, StoreError */
export async function openStoredRecords(where: KeptWhere): Promise<OpenedSource<OperatorRecords>> {
  const database = await openKeptStore(where)
  const { query } = database
  const records = new MemoryRecords(query)
  const source: OperatorRecords = {
    show: (id, within) => records.show(id, within),
    search: ({ text, ...wish }) => records.search({ ...wish, words: questionWords(text) }),
    forget: (wish) => forget(query, wish),
    flows: (id) => new Flows(query).find({ id, most: flowsMax }),
    exportPage: (range, after) =>
      exportPage(query, { ...range, most: exportPageRows, ...(after !== undefined && { after }) }),
  }
  return { source, close: () => database.close() }
}
