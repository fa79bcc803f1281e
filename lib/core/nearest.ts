/**
 * Number of single-character insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b`
 * (optimal string alignment: what is swapped is not edited again).
 */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const substitution = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      let best = Math.min(last[j]! + 1, row[j - 1]! + 1, substitution)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, beforeLast[j - 2]! + 1)
      row.push(best)
    }
    beforeLast = last
    last = row
  }
  return last[b.length]!
}

/** Longer names are not compared: the cost grows with the square, and nobody mistypes a name of this length. */
const longest = 256

/**
 * The candidate that `name` was probably meant to be, or undefined where none is close: upper and lower case count as
 * equal, and at most a third of the longer name's characters (but always one) may differ.
 */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined
  let bestDistance = Infinity
  for (const candidate of candidates) {
    const longer = Math.max(name.length, candidate.length)
    if (longer > longest) continue
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase())
    if (distance <= Math.max(1, longer / 3) && distance < Math.min(bestDistance, longer)) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** ` Did you mean "x"?`, or nothing where no candidate is close. */
export function suggestion(name: string, candidates: Iterable<string>): string {
  const meant = nearest(name, candidates)
  return meant === undefined ? '' : ` Did you mean "${meant}"?`
}
