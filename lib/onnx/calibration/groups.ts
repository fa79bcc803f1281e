import type { Observer } from './types.js'

/** Observers whose tensors are exposed together. */
export interface Group {
  readonly observers: readonly Observer[]
  /** Of all of them, each once. */
  readonly tensors: readonly string[]
}

/**
 * Puts observers, in their order, into as few groups as keep each within `budget` bytes; one that needs more alone has a group of
 * its own.
 *
 * @param bytesOf Of a tensor; 0 for one that costs nothing to see.
 */
export function groupObservers(observers: readonly Observer[], bytesOf: (tensor: string) => number, budget: number): Group[] {
  const groups: { observers: Observer[]; tensors: Set<string>; bytes: number }[] = []
  for (const observer of observers) {
    const last = groups.at(-1)
    const added = cost(observer, last?.tensors, bytesOf)
    if (last !== undefined && (last.bytes === 0 || last.bytes + added <= budget)) {
      last.observers.push(observer)
      for (const tensor of observer.tensors) last.tensors.add(tensor)
      last.bytes += added
    } else {
      groups.push({ observers: [observer], tensors: new Set(observer.tensors), bytes: cost(observer, undefined, bytesOf) })
    }
  }
  return groups.map((group) => ({ observers: group.observers, tensors: [...group.tensors] }))
}

function cost({ tensors }: Observer, present: ReadonlySet<string> | undefined, bytesOf: (tensor: string) => number): number {
  let bytes = 0
  for (const tensor of new Set(tensors)) if (present?.has(tensor) !== true) bytes += bytesOf(tensor)
  return bytes
}
