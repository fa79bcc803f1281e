import { formatNumber, plural } from '../../core/text-format.js'
import { renderTable } from '../../core/text-table.js'
import type { FilesDifference } from '../../engine/precision/diff.js'
import { errorOf } from '../../onnx/report/compare-tensors.js'

/** Tensors shown around the first that departs. */
const shown = 12

const root = (error: number) => Math.sqrt(error).toExponential(1)

export function renderDifference(difference: FilesDifference, { verbose }: { verbose: boolean }): string {
  const { tolerance, samples, first, differ, outputs, tensors, compared } = difference
  const lines = [renderTable([['output', 'error', 'cosine', 'least', 'largest error'], ...outputs.map(outputRow)]), '\n']
  if (tensors.length > 0) lines.push(tensorTable(difference, verbose), '\n')
  const what = compared === 'tensors' ? plural(tensors.length, 'tensor') : 'outputs alone: one of the two is built already'
  const scope = `Compared on ${plural(samples, 'sample')}: ${what}.`
  if (first === null) lines.push(`${scope} Nothing departs by more than ${tolerance}.\n`)
  else {
    const node = first.node === null ? '' : `, made by ${first.opType} "${first.node}"`
    lines.push(`${scope}\nThe first that departs by more than ${tolerance} is "${first.name}"${node}: ${root(first.error)}.\n`)
    if (!differ) lines.push('The outputs do not depart.\n')
  }
  return lines.join('')
}

function outputRow(output: FilesDifference['outputs'][number]): string[] {
  const { name, cosine, maxError } = output
  return [name, root(errorOf(output)), cosine.mean.toFixed(6), cosine.min.toFixed(6), formatNumber(maxError)]
}

function tensorTable({ tensors, first }: FilesDifference, verbose: boolean): string {
  const at = Math.max(
    0,
    tensors.findIndex(({ name }) => name === first?.name),
  )
  const from = verbose ? 0 : Math.max(0, Math.min(at - shown / 2, tensors.length - shown))
  const rows = (verbose ? tensors : tensors.slice(from, from + shown)).map(({ name, opType, types, error, fidelity, shapes: [a, b] }) => [
    name === first?.name ? '>' : '',
    name,
    opType,
    types[0] === types[1] ? types[0] : `${types[0]} / ${types[1]}`,
    a.join('x') === b.join('x') ? a.join('x') : `${a.join('x')} / ${b.join('x')}`,
    root(error),
    formatNumber(fidelity.maxError),
  ])
  const table = renderTable([['', 'tensor', 'operator', 'type', 'shape', 'error', 'largest error'], ...rows], { left: [0, 1, 2, 3, 4] })
  const hidden = tensors.length - rows.length
  return hidden === 0 ? table : `${table}… ${plural(hidden, 'more tensor')}: --verbose shows all.\n`
}
