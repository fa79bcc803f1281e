import { TrtError } from '../../core/errors.js'

/** How a building process ended without an answer. */
export interface Ending {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** Where the build was, as far as it told. */
  readonly phase: string | null
  /** The last lines of the library's log. */
  readonly log: readonly string[]
  /** The end of what the process wrote by itself. */
  readonly stderr: string
}

const shownLines = 5

/**
 * A crash comes from the model: the same file crashes the same library again, so that it is `TRT_ERR_MODEL` and no
 * `TRT_ERR_INTERNAL`. SIGKILL nobody sends but the system that is short of memory, or an operator.
 */
export function crashError({ code, signal, phase, log, stderr }: Ending): TrtError {
  const written = stderr.trim() === '' ? [] : stderr.trim().split('\n').slice(-shownLines)
  const last = log.slice(-shownLines)
  const where = phase === null ? '' : ` in the phase "${phase}"`
  const told = [...last, ...written]
  const lines = told.length === 0 ? '' : ` Its last lines: ${told.join(' | ')}`
  const details = { signal, exitCode: code, phase, log: [...log], stderr }
  if (signal === 'SIGKILL') {
    const message = `The process that builds was killed${where}: most likely the machine ran out of memory. Build with less beside it, or with smaller maximum shapes.${lines}`
    return new TrtError('TRT_ERR_OUT_OF_MEMORY', message, details)
  }
  if (signal === null) {
    return new TrtError('TRT_ERR_INTERNAL', `The process that builds ended with exit code ${code}${where} and no answer.${lines}`, details)
  }
  const message = `The builder crashed (${signal})${where} on this model; this process is unharmed. Check the model with the ONNX checker, simplify it, or try another version of the library; report it to NVIDIA with the model if it is sound.${lines}`
  return new TrtError('TRT_ERR_MODEL', message, details)
}
