import type { Verdict } from './judge.js'
import type { Facts } from './facts.js'
import type { Layer } from './layers.js'
import { multiplyAdds } from './work.js'

/** So many layers at the beginning and at the end stay float. */
export interface Rung {
  readonly prefix: number
  readonly suffix: number
}

export interface Tried extends Rung {
  readonly int8: ReadonlySet<string>
  /** Layers left float, those that no rung takes included. */
  readonly float: number
  readonly verdict: Verdict
}

export interface LadderOptions {
  /** That may be in int8, in the order of the graph. */
  readonly layers: readonly Layer[]
  /** Layers that stay float on every rung. */
  readonly always: number
  readonly facts: Facts
  readonly isGoodEnough: (verdict: Verdict) => boolean
  readonly evaluate: (int8: ReadonlySet<string>) => Promise<Verdict>
  readonly onTried: (tried: Tried) => void
  /** Where to begin. */
  readonly from: Rung
}

const prefixes = [1, 3, 5, 8, 11, 15, 20, 28, 40, 52, 64, 80]
const suffixes = [1, 2, 3, 4, 6, 8]
const mostTries = 20
/** A longer beginning costs little work: if it takes away that much of the noise, a longer end is not tried. */
const clearGain = 0.15

/** What stays on the lowest rung. Float beginnings and ends have one change to codes each; scattered float layers are slow. */
export const firstRung: Rung = { prefix: 1, suffix: 1 }

export function int8On(layers: readonly Layer[], { prefix, suffix }: Rung): Set<string> {
  return new Set(layers.slice(prefix, Math.max(prefix, layers.length - suffix)).map(({ key }) => key))
}

/**
 * Climbs, each time by the step that takes away more noise for the work it moves to float, until the target is met or
 * fewer than a fifth of the multiply-adds are left in int8.
 *
 * @returns All that was tried, in order; the last one that meets the target is the fastest that does.
 */
export async function climb(options: LadderOptions): Promise<Tried[]> {
  const { layers, isGoodEnough } = options
  const tried: Tried[] = []
  const at = async (rung: Rung): Promise<Tried> => {
    const int8 = int8On(layers, rung)
    const all = { ...rung, int8, float: layers.length - int8.size + options.always, verdict: await options.evaluate(int8) }
    tried.push(all)
    options.onTried(all)
    return all
  }
  let current = await at(options.from)
  while (!isGoodEnough(current.verdict) && tried.length < mostTries) {
    const steps = nextRungs(current, layers.length).filter((rung) => share(int8On(layers, rung), options) >= leastShare)
    const results: Tried[] = []
    for (const rung of steps) {
      results.push(await at(rung))
      if ((results[0] as Tried).verdict.error < (1 - clearGain) * current.verdict.error) break
    }
    const good = results.filter(({ verdict }) => isGoodEnough(verdict))
    const best = pick(good.length > 0 ? good : results, current, options)
    if (best === null) break
    current = best
  }
  return tried
}

const leastShare = 0.2

function nextRungs({ prefix, suffix }: Rung, count: number): Rung[] {
  const longer = prefixes.find((each) => each > prefix)
  const later = suffixes.find((each) => each > suffix)
  const rungs: Rung[] = []
  if (longer !== undefined && longer + suffix < count) rungs.push({ prefix: longer, suffix })
  if (later !== undefined && prefix + later < count) rungs.push({ prefix, suffix: later })
  return rungs
}

/** The step with the most noise taken away for each multiply-add that it moves to float. */
function pick(results: readonly Tried[], from: Tried, options: LadderOptions): Tried | null {
  const before = share(from.int8, options)
  const value = ({ verdict, int8 }: Tried) =>
    Math.log(from.verdict.error / Math.max(verdict.error, 1e-12)) / (before - share(int8, options) + 0.01)
  return results.reduce<Tried | null>((best, each) => (best === null || value(each) > value(best) ? each : best), null)
}

/** Of the multiply-adds of all candidates. */
export function share(int8: ReadonlySet<string>, { layers, facts }: Pick<LadderOptions, 'layers' | 'facts'>): number {
  let [all, part] = [0, 0]
  for (const layer of layers) {
    const work = multiplyAdds(layer, facts)
    all += work
    if (int8.has(layer.key)) part += work
  }
  return all > 0 ? part / all : 0
}
