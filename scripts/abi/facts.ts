/** Judges what the generated program prints: `kind name ours theirs`, one fact a line. */
import type { HeaderSet } from './headers.js'
import type { OwnHeader } from './own.js'
import { expects, nameOf, type Since } from './version.js'

export interface FactReport {
  readonly counts: { values: number; records: number; exports: number; infos: number }
  readonly problems: readonly string[]
}

/** What theirs prints for an enumerator that is not there (LLONG_MIN). */
const nothing = '-9223372036854775808'

export function judgeFacts(own: OwnHeader, lines: readonly string[], { version, hasParser }: HeaderSet): FactReport {
  const counts = { values: 0, records: 0, exports: 0, infos: 0 }
  const problems: string[] = []
  const since = sinceByName(own)
  const judge: Readonly<Record<string, () => void>> = {
    enum: () => (counts.values += 1),
    type: () => {},
    size: () => (counts.records += 1),
    offset: () => {},
    export: () => (counts.exports += 1),
    info: () => (counts.infos += 1),
  }
  for (const line of lines) {
    const [kind = '', name = '', ours, theirs] = line.split(' ')
    const first = since.get(name)
    const expected = first === undefined ? 'present' : expects(first, version)
    const absent = kind.startsWith('no-') || (kind === 'enum' && theirs === nothing)
    if (absent) {
      if (expected === 'present' && (hasParser || !ofParser(name))) problems.push(`${name}: not in ${nameOf(version)}`)
    } else if (expected === 'absent') {
      problems.push(`${name}: is in ${nameOf(version)}, earlier than abi.h says`)
    } else {
      judge[kind]?.()
      if (ours !== theirs) problems.push(`${name}: ${kind} is ${ours} in abi.h and ${theirs} in ${nameOf(version)}`)
    }
  }
  return { counts, problems }
}

function ofParser(name: string): boolean {
  return /NvOnnxParser|^ParserErrorCode|^OnnxParserFlag/.test(name)
}

function sinceByName(own: OwnHeader): Map<string, Since> {
  const since = new Map<string, Since>()
  for (const each of own.enums) {
    since.set(each.name, each.since)
    for (const value of each.values)
      since.set(`${each.name}::${value.name}`, Object.keys(value.since.minors).length > 0 ? value.since : each.since)
  }
  for (const each of own.records) {
    since.set(each.name, each.since)
    for (const member of each.members) since.set(`${each.name}::${member}`, each.since)
  }
  for (const each of [...own.handles, ...own.exports]) since.set(each.name, each.since)
  for (const each of own.classes) if (each.info !== undefined) since.set(each.name, each.since)
  return since
}
