import { LlmrError } from '../../core/error.ts'
import { badRequest } from '../engine-error.ts'
import { jsonBody } from '../exchange.ts'
import type { Exchange } from '../exchange.ts'
import { parseFault } from '../fault.ts'
import type { Fault } from '../fault.ts'

/** `GET /sim/faults` */
export async function listFaults({ engine, reply }: Exchange): Promise<void> {
  const faults = engine.faults.list().map(({ fault, timesLeft }) => ({ ...fault, timesLeft }))
  reply.sendJson(200, { faults })
}

/** `POST /sim/faults` with a fault or a list of them; none is taken when one is wrong. */
export async function addFaults(exchange: Exchange): Promise<void> {
  const { body } = exchange.request
  const values: unknown[] = Array.isArray(body) ? body : [jsonBody(exchange.request)]
  const faults = values.map(parseOrRefuse)
  for (const fault of faults) await exchange.engine.addFault(fault)
  await listFaults(exchange)
}

/** `DELETE /sim/faults` */
export async function clearFaults(exchange: Exchange): Promise<void> {
  await exchange.engine.clearFaults()
  await listFaults(exchange)
}

function parseOrRefuse(value: unknown): Fault {
  try {
    return parseFault(value)
  } catch (error) {
    throw error instanceof LlmrError ? badRequest(error.message) : error
  }
}
