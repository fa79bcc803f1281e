import { readWhole } from '../../engine/files.js'
import { UsageError } from '../usage.js'

/** What a JSON file holds. @throws {TrtError} `TRT_ERR_FILE`; `TRT_ERR_INVALID_ARGUMENT`: not JSON. */
export async function readJson(flag: string, file: string, signal: AbortSignal): Promise<unknown> {
  const { bytes } = await readWhole(file, signal)
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch (cause) {
    throw new UsageError(`Expected JSON in "${file}", which ${flag} names: ${(cause as Error).message}.`, { flag, file })
  }
}
