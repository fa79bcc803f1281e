import { TrtError } from '../core/errors.js'
import { exitCodes } from './usage.js'

export interface Interrupt {
  readonly signal: AbortSignal
  /** The exit code that the signal asks for; undefined while none came. */
  exitCode(): number | undefined
  close(): void
}

/**
 * The first SIGINT or SIGTERM aborts, so that work stops cleanly and leaves no half file. Its listener is then gone: the
 * second one has the system's default effect and ends the process at once.
 */
export function listenForInterrupt(): Interrupt {
  const controller = new AbortController()
  let code: number | undefined
  const onSignal = (name: NodeJS.Signals) => {
    code = name === 'SIGINT' ? exitCodes.interrupted : exitCodes.terminated
    close()
    controller.abort(new TrtError('TRT_ERR_ABORTED', `Stopped by ${name}.`))
  }
  const close = () => {
    process.off('SIGINT', onSignal)
    process.off('SIGTERM', onSignal)
  }
  process.once('SIGINT', onSignal)
  process.once('SIGTERM', onSignal)
  return { signal: controller.signal, exitCode: () => code, close }
}
