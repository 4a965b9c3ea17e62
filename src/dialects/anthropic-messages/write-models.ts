/** Of a model, what this dialect's lists say. */
export interface NamedModel {
  readonly id: string
  readonly contextLength?: number
}

/** All on one page. */
export function writeModelList(models: readonly NamedModel[], startedAtS: number): object {
  return {
    data: models.map((model) => writeModel(model, startedAtS)),
    has_more: false,
    first_id: models[0]?.id ?? null,
    last_id: models.at(-1)?.id ?? null,
  }
}

export function writeModel({ id, contextLength }: NamedModel, startedAtS: number): object {
  return {
    type: 'model',
    id,
    display_name: id,
    created_at: new Date(startedAtS * 1000).toISOString(),
    max_input_tokens: contextLength ?? null,
    max_tokens: contextLength ?? null,
  }
}
