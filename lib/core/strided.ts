import { sizeOf } from './shapes.js'

/** The part of scijs' ndarray that matters here; any object with these members is taken for one. */
export interface StridedView<D extends ArrayLike<unknown> = ArrayLike<unknown>> {
  readonly data: D
  readonly shape: readonly number[]
  /** In elements; may be negative or 0. */
  readonly stride: readonly number[]
  /** Element of `data` at index [0, 0, …]. */
  readonly offset: number
}

export function isStridedView(value: object): value is StridedView {
  const view = value as Partial<StridedView>
  return Array.isArray(view.shape) && Array.isArray(view.stride) && typeof view.offset === 'number' && typeof view.data === 'object'
}

/** Row-major without gaps: its elements lie in `data` from `offset` on as they are. Strides of dimensions of 1 do not matter. */
export function isContiguous(shape: readonly number[], stride: readonly number[]): boolean {
  let expected = 1
  for (let i = shape.length - 1; i >= 0; i--) {
    if (shape[i] !== 1 && stride[i] !== expected) return false
    expected *= shape[i]!
  }
  return true
}

/** Whether every element of the view lies inside its data. */
export function isInBounds(view: StridedView): boolean {
  if (view.stride.length !== view.shape.length || ![view.offset, ...view.stride].every(Number.isSafeInteger)) return false
  if (sizeOf(view.shape) === 0) return true
  let lowest = view.offset
  let highest = view.offset
  view.stride.forEach((stride, i) => {
    const reach = stride * (view.shape[i]! - 1)
    if (reach < 0) lowest += reach
    else highest += reach
  })
  return lowest >= 0 && highest < view.data.length
}

type Elements = { readonly length: number; [index: number]: number | bigint }

/** Copies the elements in row-major order to `target`, which must have room. The view must be in bounds. */
export function packInto(view: StridedView<Elements>, target: Elements): void {
  const rank = view.shape.length
  const total = sizeOf(view.shape)
  const columns = rank === 0 ? 1 : view.shape[rank - 1]!
  const columnStride = rank === 0 ? 1 : view.stride[rank - 1]!
  const index = new Array<number>(rank).fill(0)
  let row = view.offset
  for (let at = 0; at < total; ) {
    for (let column = 0, from = row; column < columns; column++, from += columnStride) target[at++] = view.data[from]!
    // The next row: count up like an odometer, last but one dimension first.
    for (let axis = rank - 2; axis >= 0; axis--) {
      row += view.stride[axis]!
      if (++index[axis]! < view.shape[axis]!) break
      row -= view.stride[axis]! * view.shape[axis]!
      index[axis] = 0
    }
  }
}
