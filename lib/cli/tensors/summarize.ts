import { fromBfloat16, fromFloat16 } from '../../core/float16.js'
import { formatShape } from '../../core/shapes.js'
import type { Tensor } from '../../core/tensor.js'
import { formatNumber } from '../../core/text-format.js'
import { renderTable } from '../../core/text-table.js'

/** JSON-safe. `min`, `max` and `mean` are over the finite elements, null where there are none. */
export interface TensorSummary {
  name: string
  type: string
  shape: number[]
  min: number | null
  max: number | null
  mean: number | null
  /** NaN or infinite elements. */
  notFinite: number
  /** In row-major order; null stands for what is not finite. */
  first: (number | null)[]
}

const FIRST = 6

export function summarize(name: string, tensor: Tensor): TensorSummary {
  const values = numbersOf(tensor)
  let [min, max, sum, finite] = [Infinity, -Infinity, 0, 0]
  for (let i = 0; i < values.length; i++) {
    const value = Number(values[i])
    if (!Number.isFinite(value)) continue
    finite++
    sum += value
    if (value < min) min = value
    if (value > max) max = value
  }
  const first = Array.from({ length: Math.min(FIRST, values.length) }, (_, i) => Number(values[i]))
  return {
    name,
    type: tensor.type,
    shape: [...tensor.shape],
    ...(finite === 0 ? { min: null, max: null, mean: null } : { min, max, mean: sum / finite }),
    notFinite: values.length - finite,
    first: first.map((value) => (Number.isFinite(value) ? value : null)),
  }
}

/** The elements as numbers: half floats from their bits. */
export function numbersOf({ type, data }: Tensor): ArrayLike<number | bigint> {
  if (type === 'float16') return fromFloat16(data as Uint16Array)
  return type === 'bfloat16' ? fromBfloat16(data as Uint16Array) : data
}

export function renderSummaries(summaries: readonly TensorSummary[]): string {
  const show = (value: number | null) => (value === null ? '-' : formatNumber(value))
  const head = ['output', 'type', 'shape', 'min', 'max', 'mean', 'not finite', 'first values']
  const rows = summaries.map((each) => [
    each.name,
    each.type,
    formatShape(each.shape),
    show(each.min),
    show(each.max),
    show(each.mean),
    String(each.notFinite),
    each.first.map(show).join(' '),
  ])
  return renderTable([head, ...rows], { left: [0, 1, 2, 7] })
}
