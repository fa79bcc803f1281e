import type { Engine, Session } from '../../lib/index.js'
import type { Subject } from './subjects.js'

/** What a suite works with: open while its tests run. */
export interface Sessions {
  readonly engines: readonly Engine[]
  /** Of `subject.echo()`, on two lanes. */
  readonly echo: Session
  /** Of `subject.pairs()`. */
  readonly pairs: Session
}

interface Hooks {
  before(hook: () => Promise<void>): void
  after(hook: () => Promise<void>): void
}

/** Opens them before the first test and closes them after the last; not to be read before. */
export function openSessions(test: Hooks, subject: Subject): Sessions {
  const open = {} as { -readonly [K in keyof Sessions]: Sessions[K] }
  test.before(async () => {
    const [echo, pairs] = [await subject.echo(), await subject.pairs()]
    open.engines = [echo, pairs]
    open.echo = await echo.createSession({ lanes: 2 })
    open.pairs = await pairs.createSession()
  })
  test.after(async () => {
    await Promise.all([open.echo.close(), open.pairs.close()])
    await Promise.all(open.engines.map((engine) => engine.close()))
  })
  return open
}
