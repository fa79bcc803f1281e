import type { Machine, Report, StepResult, Table } from './schema.js'

/** Pure: the report for people. Its title says where it was made, so that no copy of it can be taken for more. */
export function renderReport(report: Report): string {
  const { machine, steps, verdict } = report
  return [
    `# ${title(machine)}: ${verdict}`,
    warning(machine),
    ...facts(report),
    '## Steps',
    table({ title: '', columns: ['step', '', 'question', 'found', 's'], rows: steps.map(stepRow) }),
    ...steps.flatMap(section),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
    .concat('\n')
}

function title(machine: Machine | null): string {
  if (machine === null) return 'tensorrt-node on an unknown machine'
  const name = machine.device?.name ?? 'no device'
  if (machine.where === 'hardware') return `tensorrt-node on ${name}`
  return machine.where === 'simulator' ? `tensorrt-node on the SIMULATOR (${name})` : `tensorrt-node on an UNPROVEN device (${name})`
}

function warning(machine: Machine | null): string {
  if (machine?.where === 'hardware') return ''
  if (machine?.where === 'simulator')
    return '**This report was made on the simulator of native/sim. It says nothing about any GPU: it shows that the verification itself runs.**'
  return '**This report proves nothing about hardware: no GPU was seen by means that a library cannot forge.**'
}

function facts({ machine, package: own, created, ms }: Report): string[] {
  const rows: [string, string][] = [
    ['made', `${created}, in ${(ms / 1000).toFixed(0)} s`],
    ['tensorrt-node', own.commit === null ? own.version : `${own.version}, commit ${own.commit}`],
  ]
  if (machine !== null) {
    const { device, driver, libraries, environment } = machine
    rows.push(
      ['where', `${machine.where}: ${machine.because}`],
      ['backend', `${machine.backend} ${machine.version ?? '(version unknown)'}`],
    )
    if (device !== null) rows.push(['device', deviceLine(device)])
    if (driver !== null) rows.push(['driver', driver])
    rows.push(
      ...libraries.map(({ name, version, path }): [string, string] => [name, `${version ?? 'version unknown'}, ${path ?? 'not found'}`]),
    )
    rows.push(...Object.entries(environment).map(([name, value]): [string, string] => [name, String(value)]))
  }
  return [table({ title: '', columns: ['', ''], rows })]
}

function deviceLine({ name, capability, memoryBytes }: NonNullable<Machine['device']>): string {
  const memory = memoryBytes === null ? '' : `, ${(memoryBytes / 2 ** 30).toFixed(1)} GiB`
  return `${name}${capability === null ? '' : `, compute capability ${capability}`}${memory}`
}

const mark = { passed: 'passed', failed: '**FAILED**', 'timed out': '**TIMED OUT**', 'not run': '**NOT RUN**' } as const
const stepRow = ({ name, status, question, summary, ms }: StepResult) => [name, mark[status], question, summary, (ms / 1000).toFixed(1)]

function section({ name, status, tables = [], notes = [], output }: StepResult): string[] {
  if (tables.length + notes.length === 0 && output === undefined) return []
  const printed = output === undefined || status === 'passed' ? [] : [`Printed at the end:\n\n${fenced(output)}`]
  return [`## ${name}`, ...notes, ...tables.map(table), ...printed]
}

/** A fence longer than any in the text: what a program prints must not end it. */
function fenced(text: string): string {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map(({ length }) => length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}\n${text}\n${fence}`
}

function table({ title, columns, rows }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`
  const head = [line(columns), `|${columns.map(() => '---').join('|')}|`]
  return [...(title === '' ? [] : [`**${title}**`, '']), ...head, ...rows.map(line)].join('\n')
}

const cell = (text: string) => text.replace(/\|/g, '\\|').replace(/\s*\n\s*/g, ' ')
