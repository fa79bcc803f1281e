/** Compares abi.h with one set of NVIDIA's headers. */
import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { Compiler } from './compiler.js'
import { type FactReport, judgeFacts } from './facts.js'
import type { HeaderSet } from './headers.js'
import { ownMacros, parseOwn } from './own.js'
import { compareSlots } from './slots.js'
import { bothHeaders, comparison, theirHeaders } from './unit.js'
import { nameOf, shapeOf, type Version } from './version.js'

export interface AbiReport {
  readonly version: Version
  readonly shape: number
  readonly counts: FactReport['counts'] & { readonly classes: number; readonly slots: number; readonly signatures: number }
  readonly notes: readonly string[]
  readonly problems: readonly string[]
}

/**
 * @param abi Path of abi.h.
 * @param shape Another than the version's own: to see that it is told apart.
 */
export function checkHeaders(abi: string, set: HeaderSet, shape: number = shapeOf(set.version)): AbiReport {
  const compiler = new Compiler([dirname(abi), set.folder])
  try {
    const own = parseOwn(compiler.preprocess(readFileSync(abi, 'utf8'), ['-C', `-DTRT_SHAPE=${shape}`, ...ownMacros]))
    const unit = { own, shape, abi, hasParser: set.hasParser }
    const slots = compareSlots(own, compiler.vtables(bothHeaders(unit)), set)
    const theirs = compiler.preprocess(theirHeaders(set.hasParser), [])
    const { lines, errors } = compiler.run(comparison({ ...unit, shared: slots.shared, theirs }))
    const facts = judgeFacts(own, lines ?? [], set)
    const signatures = [...slots.shared.values()].flat().filter((slot) => slot.text !== '').length
    return {
      version: set.version,
      shape,
      counts: { classes: slots.shared.size, slots: slots.compared, signatures: lines === undefined ? 0 : signatures, ...facts.counts },
      notes: slots.notes,
      problems: [...slots.problems, ...errors.map((error) => `signature: ${error}`), ...facts.problems],
    }
  } finally {
    compiler.close()
  }
}

/** One line for people, then a line for each problem and note. */
export function describeReport({ version, shape, counts, notes, problems }: AbiReport): string {
  const { classes, slots, signatures, values, records, exports, infos } = counts
  const found = problems.length === 0 ? 'no mismatch' : `${problems.length} mismatch${problems.length === 1 ? '' : 'es'}`
  const checked = `${classes} classes, ${slots} slots, ${signatures} signatures, ${values} enum values, ${records} records`
  const head = `${nameOf(version).padEnd(20)} shape ${String(shape).padEnd(3)}  ${checked}, ${exports} exports, ${infos} interfaces: ${found}`
  return [head, ...problems.map((problem) => `  MISMATCH ${problem}`), ...notes.map((note) => `  note     ${note}`)].join('\n')
}
