import { z } from 'zod'

/**
 * What a value means beyond its type. `secret`: never printed, in no message and no listing. `duration` and `size` are
 * written with a unit. `file`: a path, taken from the folder of the configuration file when it is relative. `template`: a
 * section whose texts may hold macros, which are put in once its entries have inherited from each other.
 */
export type Mark = 'secret' | 'duration' | 'size' | 'file' | 'template'

/** Kept beside the schema and not in its metadata, which JSON Schema would print. */
export const marks = z.registry<{ readonly mark: Mark }>()
