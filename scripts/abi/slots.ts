/** Compares the vtables: every slot of ours stands where NVIDIA's stands, and is there since when abi.h says. */
import type { Vtables } from './compiler.js'
import type { HeaderSet } from './headers.js'
import type { OwnClass, OwnHeader, OwnSlot } from './own.js'
import { expects, nameOf, type Version } from './version.js'

export interface SlotReport {
  compared: number
  readonly problems: string[]
  readonly notes: string[]
  /** Of each class, the slots that NVIDIA's has: what is called there, and whose signature is worth comparing. */
  readonly shared: Map<string, OwnSlot[]>
}

/** TensorRT 10.8.0 alone has one slot elsewhere than its neighbours; abi.h says so, and callers keep off the range. */
const misplaced = { family: '10', minor: 8, class: 'VNetworkDefinition', slot: 'addCumulative', before: 'getBuilder' }

/** The name of our class in NVIDIA's headers. */
export function qualified(name: string): string {
  if (name.startsWith('V')) return `nvinfer1::apiv::${name}`
  return name.startsWith('IParser') ? `nvonnxparser::${name}` : `nvinfer1::${name}`
}

export function compareSlots(
  own: OwnHeader,
  tables: Vtables,
  { version, hasParser }: Pick<HeaderSet, 'version' | 'hasParser'>,
): SlotReport {
  const report: SlotReport = { compared: 0, problems: [], notes: [], shared: new Map() }
  const withoutParser: string[] = []
  for (const each of own.classes) {
    const theirs = tables.get(qualified(each.name))
    const ours = tables.get(`${own.space}::${each.name}`)
    if (ours === undefined) throw new Error(`Expected a vtable of ${own.space}::${each.name} in the layout dump`)
    if (theirs !== undefined) compareClass(each, reordered(each.name, ours, version, report), theirs, { version, report })
    else if (each.name.startsWith('IParser') && !hasParser) withoutParser.push(each.name)
    else if (expects(each.since, version) !== 'absent') report.problems.push(`${each.name}: not in ${nameOf(version)}`)
  }
  if (withoutParser.length > 0) report.notes.push(`not compared, no NvOnnxParser.h among these headers: ${withoutParser.join(', ')}`)
  compareHandles(own, tables, version, report)
  return report
}

function reordered(name: string, slots: readonly string[], version: Version, report: SlotReport): readonly string[] {
  if (name !== misplaced.class || version.family !== misplaced.family || version.minor !== misplaced.minor) return slots
  report.notes.push(`${name}: ${misplaced.slot} before ${misplaced.before}, as only this version has it`)
  const others = slots.filter((slot) => slot !== misplaced.slot)
  const at = others.indexOf(misplaced.before)
  return [...others.slice(0, at), misplaced.slot, ...others.slice(at)]
}

function compareClass(
  own: OwnClass,
  ours: readonly string[],
  theirs: readonly string[],
  { version, report }: { version: Version; report: SlotReport },
): void {
  if (expects(own.since, version) === 'absent') report.problems.push(`${own.name}: is in ${nameOf(version)}, earlier than abi.h says`)
  const shared: OwnSlot[] = []
  ours.forEach((name, slot) => {
    const declared = declarationOf(own, ours, slot)
    const where = `${own.name} slot ${slot}`
    const expected = declared === undefined ? 'present' : expects(declared.since, version)
    if (slot >= theirs.length) {
      if (expected === 'present') report.problems.push(`${where}: ours ${name}, ${nameOf(version)} has no such slot`)
      return
    }
    report.compared += 1
    if (theirs[slot] !== name) report.problems.push(`${where}: ours ${name}, ${nameOf(version)} ${theirs[slot]}`)
    else if (expected === 'absent') report.problems.push(`${where}: ${name} is in ${nameOf(version)}, earlier than abi.h says`)
    else if (declared !== undefined) shared.push(declared)
  })
  if (theirs.length > ours.length) report.notes.push(`${own.name}: newer slots not declared: ${theirs.slice(ours.length).join(', ')}`)
  report.shared.set(own.name, shared)
}

/** The declaration behind a slot: overloads in their order. Undefined for destructors and inherited slots. */
function declarationOf(own: OwnClass, ours: readonly string[], slot: number): OwnSlot | undefined {
  const name = ours[slot]
  const earlier = ours.slice(0, slot).filter((other) => other === name).length
  return own.slots.filter((declared) => declared.name === name)[earlier]
}

function compareHandles(own: OwnHeader, tables: Vtables, version: Version, report: SlotReport): void {
  for (const { name } of own.handles) {
    const theirs = tables.get(qualified(name))
    if (theirs === undefined) continue
    report.compared += 2
    if (theirs.join() !== '~,~') report.problems.push(`${name}: more than a destructor in ${nameOf(version)}: ${theirs.join(', ')}`)
  }
}
