/** Who owns memory that `alloc` gave out, and must not free it while someone's run uses it. */
export interface Lender {
  retain(): void
  release(): void
}

const lenders = new WeakMap<ArrayBufferLike, Lender>()
/** Nothing to look up before anything has been allocated: the hot path stays free of it. */
let anyLent = false

/** `buffer` is freed by `lender`. */
export function lend(buffer: ArrayBufferLike, lender: Lender): void {
  lenders.set(buffer, lender)
  anyLent = true
}

/**
 * Retains the other sessions whose memory is among `views`: one may be closed while another still computes on its memory.
 *
 * @param self Needs no loan of its own: it waits for its runs anyway.
 * @returns Those retained, to be released when the run has settled; null: none, as nearly always.
 */
export function borrow(views: readonly (ArrayBufferView | null)[] | null, self: Lender, borrowed: Lender[] | null): Lender[] | null {
  if (!anyLent || views === null) return borrowed
  let all = borrowed
  for (const view of views) {
    const lender = view === null ? undefined : lenders.get(view.buffer)
    if (lender === undefined || lender === self) continue
    lender.retain()
    all ??= []
    all.push(lender)
  }
  return all
}
