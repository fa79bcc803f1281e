/** One side of a comparison: measured once a round. */
export interface Side<R> {
  readonly name: string
  measure(): Promise<R>
}

export interface RoundPlan {
  rounds: number
  /** Rounds before the first one that counts: code gets compiled, pools filled, threads started. */
  warmUp: number
  /** Uniform in [0, 1). */
  random: () => number
  /** Told of each round that begins, warm-up rounds included. */
  onRound?: (done: number, total: number) => void
}

/** Fisher–Yates; leaves `items` as it was. */
export function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const order = [...items]
  for (let last = order.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1))
    const held = order[last] as T
    order[last] = order[other] as T
    order[other] = held
  }
  return order
}

/**
 * Measures every side once in each round, in an order that is new each time: a machine that slows down or speeds up
 * meanwhile does so for all sides alike, and none always runs in the wake of the same other.
 *
 * @returns By side, its results in the order of rounds: equal positions were measured next to each other.
 */
export async function interleave<N extends string, R>(
  sides: readonly (Side<R> & { readonly name: N })[],
  plan: RoundPlan,
): Promise<Record<N, R[]>> {
  const results = Object.fromEntries(sides.map(({ name }) => [name, [] as R[]])) as Record<N, R[]>
  const total = plan.warmUp + plan.rounds
  for (let round = 0; round < total; round++) {
    plan.onRound?.(round, total)
    for (const side of shuffled(sides, plan.random)) {
      const result = await side.measure()
      if (round >= plan.warmUp) results[side.name].push(result)
    }
  }
  plan.onRound?.(total, total)
  return results
}
