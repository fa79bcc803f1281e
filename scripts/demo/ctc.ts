export interface Reading {
  readonly text: string
  /** Mean probability of the characters read, 0 … 1; 0 when there is no text. */
  readonly confidence: number
}

/** Class 0 of the model: "no new character here". */
const BLANK = 0

/**
 * What each class of the model stands for: blank, then the dictionary's lines in order, then the space, which PaddleOCR
 * appends and no dictionary file holds.
 */
export function classesFrom(dictionary: string): string[] {
  return ['', ...dictionary.replace(/\r?\n$/, '').split(/\r?\n/), ' ']
}

/**
 * Greedy CTC: the likeliest class of each step; repeats count once, unless a blank stands between them; blanks go.
 *
 * @param probabilities Row-major [steps, classes.length].
 * @throws {Error} The rows do not fit the classes: a dictionary of another model.
 */
export function decode(probabilities: Float32Array, classes: readonly string[]): Reading {
  const steps = probabilities.length / classes.length
  if (!Number.isInteger(steps)) {
    throw new Error(`${probabilities.length} probabilities are not rows of ${classes.length}: is this the dictionary of another model?`)
  }
  let text = ''
  let sum = 0
  let count = 0
  let previous = BLANK
  for (let step = 0; step < steps; step++) {
    const row = probabilities.subarray(step * classes.length, (step + 1) * classes.length)
    const best = indexOfLargest(row)
    if (best !== BLANK && best !== previous) {
      text += classes[best]
      sum += row[best] ?? 0
      count++
    }
    previous = best
  }
  return { text, confidence: count === 0 ? 0 : sum / count }
}

function indexOfLargest(values: Float32Array): number {
  let best = 0
  for (let i = 1; i < values.length; i++) if ((values[i] ?? 0) > (values[best] ?? 0)) best = i
  return best
}
