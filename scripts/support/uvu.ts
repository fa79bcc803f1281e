/** What one test file asks of the runner and what it printed. */

export interface Directives {
  gc: boolean
  serial: boolean
  timeoutMs: number
}

const defaultTimeoutMs = 180_000

/**
 * Read from the comments that open a file: `// @gc` (start Node with --expose-gc), `// @serial` (nothing beside it: it
 * measures time or memory), `// @timeout 300` (seconds until it is killed). An unknown one throws: a typo would be silent.
 */
export function directivesOf(source: string): Directives {
  const found: Directives = { gc: false, serial: false, timeoutMs: defaultTimeoutMs }
  for (const line of source.split('\n')) {
    if (!line.startsWith('//')) break
    for (const [, name, value] of line.matchAll(/@(\w+)(?:\s+(\d+))?/g)) {
      if (name === 'gc') found.gc = true
      else if (name === 'serial') found.serial = true
      else if (name === 'timeout' && Number(value) > 0) found.timeoutMs = Number(value) * 1000
      else throw new Error(`Expected @gc, @serial or @timeout SECONDS but found "${line}"`)
    }
  }
  return found
}

export interface Summary {
  passed: number
  failed: number
  skipped: number
}

/** uvu's closing lines; `null` when there are none. uvu's Total leaves skipped tests out. */
export function summaryOf(stdout: string): Summary | null {
  const last = [...stdout.matchAll(/^ {2}Total: +(\d+)\n {2}Passed: +(\d+)\n {2}Skipped: +(\d+)$/gm)].at(-1)
  if (last === undefined) return null
  const [total, passed, skipped] = last.slice(1).map(Number) as [number, number, number]
  return { passed, failed: total - passed, skipped }
}
