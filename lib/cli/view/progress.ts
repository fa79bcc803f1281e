import { formatMs } from '../../core/text-format.js'
import { type PhaseStep, PhaseTree } from './phase-tree.js'

// Short work shows nothing: a bar that flashes by only unsettles.
const SILENT_MS = 1000
const REDRAW_MS = 80
// The elapsed time goes on while the work reports no step.
const TICK_MS = 250
const LINE_INTERVAL_MS = 2000
const BAR_CELLS = 24

export interface ProgressState {
  label: string
  /** 0 … 1; null: not known. */
  fraction: number | null
  elapsedMs: number
}

/** One line of at most `columns` characters, without a line break: `[#####.......]  42 %  3.2 s  label`. */
export function renderBar({ label, fraction, elapsedMs }: ProgressState, columns: number): string {
  const time = formatMs(elapsedMs)
  const head = fraction === null ? `${movingBar(elapsedMs)}        ${time}` : `${filledBar(fraction)}  ${percent(fraction)}  ${time}`
  const room = columns - head.length - 3
  const text = label.length <= room ? label : room > 1 ? `${label.slice(0, room - 1)}…` : ''
  return `${head}  ${text}`.trimEnd().slice(0, Math.max(0, columns - 1))
}

/** The same where nobody can redraw: `label: 42 % after 3.2 s`. */
export function renderLine({ label, fraction, elapsedMs }: ProgressState): string {
  const done = fraction === null ? 'running' : percent(fraction).trim()
  return `${label}: ${done} after ${formatMs(elapsedMs)}`
}

function percent(fraction: number): string {
  // Floor: 100 % is said when it is done, not shortly before.
  return `${String(Math.floor(clamp(fraction) * 100)).padStart(3)} %`
}

function filledBar(fraction: number): string {
  const filled = Math.floor(clamp(fraction) * BAR_CELLS)
  return `[${'#'.repeat(filled)}${'.'.repeat(BAR_CELLS - filled)}]`
}

function movingBar(elapsedMs: number): string {
  const at = Math.floor(elapsedMs / TICK_MS) % BAR_CELLS
  return `[${'.'.repeat(at)}#${'.'.repeat(BAR_CELLS - at - 1)}]`
}

function clamp(fraction: number): number {
  return Math.min(1, Math.max(0, fraction))
}

export interface ProgressTarget {
  write(text: string): void
  readonly terminal: boolean
  readonly columns: number
  now(): number
}

export interface Progress {
  /** @param phase What is going on inside of it: a terminal shows the open phases as a tree below the bar. */
  update(label: string, fraction: number | null, phase?: PhaseStep): void
  /** Writes something else: the bar is gone meanwhile. */
  above(write: () => void): void
  /** Removes the bar. Idempotent. */
  close(): void
}

/** A bar on a terminal, plain lines at a bounded rate elsewhere; both only for what takes longer than a second. */
export function startProgress(target: ProgressTarget, label: string): Progress {
  const began = target.now()
  const painter = target.terminal ? barPainter(target) : linePainter(target)
  const tree = new PhaseTree()
  let state = { label, fraction: null as number | null }
  const paint = () => {
    const elapsedMs = target.now() - began
    if (elapsedMs >= SILENT_MS) painter.paint({ ...state, elapsedMs }, tree)
  }
  const timer = setInterval(paint, TICK_MS).unref()
  return {
    update(label, fraction, phase) {
      state = { label, fraction }
      if (phase !== undefined && !stages.has(phase.phase)) tree.update(phase, target.now())
      paint()
    },
    above(write) {
      painter.clear()
      write()
    },
    close() {
      clearInterval(timer)
      painter.clear()
    },
  }
}

/** Parts of every build, which the bar itself shows. */
const stages: ReadonlySet<string> = new Set(['read', 'check', 'backend', 'load', 'store'])

/** Says nothing: for --json and --quiet. */
export const silentProgress: Progress = { update() {}, above: (write) => write(), close() {} }

interface Painter {
  paint(state: ProgressState, tree: PhaseTree): void
  clear(): void
}

function barPainter(target: ProgressTarget): Painter {
  let shown: readonly string[] = []
  let paintedAt = -Infinity
  /** The cursor stands in the last line of what is shown. */
  const toTop = () => (shown.length > 1 ? `\r\x1b[${shown.length - 1}A` : '\r')
  return {
    paint(state, tree) {
      const now = target.now()
      if (now - paintedAt < REDRAW_MS) return
      paintedAt = now
      const lines = [renderBar(state, target.columns), ...tree.render(now, target.columns)]
      if (lines.join('\n') === shown.join('\n')) return
      // What was longer before is erased below.
      const rest = lines.length < shown.length ? '\x1b[J' : ''
      target.write(`${toTop()}${lines.map((line) => `${line}\x1b[K`).join('\n')}${rest}`)
      shown = lines
    },
    clear() {
      if (shown.length > 0) target.write(`${toTop()}\x1b[K${shown.length > 1 ? '\x1b[J' : ''}`)
      shown = []
      paintedAt = -Infinity
    },
  }
}

function linePainter(target: ProgressTarget): Painter {
  let key = ''
  let paintedAt = -Infinity
  return {
    paint(state) {
      const now = target.now()
      const next = `${state.label} ${state.fraction}`
      // What stands still says so only now and then: a log is read later, by people.
      if (now - paintedAt < (next === key ? 5 * LINE_INTERVAL_MS : LINE_INTERVAL_MS)) return
      paintedAt = now
      key = next
      target.write(`${renderLine(state)}\n`)
    },
    clear() {},
  }
}
