import { formatMs } from '../../core/text-format.js'

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
  update(label: string, fraction: number | null): void
  /** Removes the bar. Idempotent. */
  close(): void
}

/** A bar on a terminal, plain lines at a bounded rate elsewhere; both only for what takes longer than a second. */
export function startProgress(target: ProgressTarget, label: string): Progress {
  const began = target.now()
  const painter = target.terminal ? barPainter(target) : linePainter(target)
  let state = { label, fraction: null as number | null }
  const paint = () => {
    const elapsedMs = target.now() - began
    if (elapsedMs >= SILENT_MS) painter.paint({ ...state, elapsedMs })
  }
  const timer = setInterval(paint, TICK_MS).unref()
  return {
    update(label, fraction) {
      state = { label, fraction }
      paint()
    },
    close() {
      clearInterval(timer)
      painter.clear()
    },
  }
}

/** Says nothing: for --json and --quiet. */
export const silentProgress: Progress = { update() {}, close() {} }

interface Painter {
  paint(state: ProgressState): void
  clear(): void
}

function barPainter(target: ProgressTarget): Painter {
  let shown = ''
  let paintedAt = -Infinity
  return {
    paint(state) {
      const now = target.now()
      if (now - paintedAt < REDRAW_MS) return
      paintedAt = now
      const line = renderBar(state, target.columns)
      if (line !== shown) target.write(`\r${line}\x1b[K`)
      shown = line
    },
    clear() {
      if (shown !== '') target.write('\r\x1b[K')
      shown = ''
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
