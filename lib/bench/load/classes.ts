import { integer, invalid, number, plainObject, rejectUnknown, text } from '../../core/options.js'
import { seededRandom } from '../../core/random.js'

/** One kind of request among those that are sent. */
export interface RequestClass {
  /** Default: `class 1`, `class 2` … */
  name?: string
  /** Its share of the requests, against the weights of the others. Default 1. */
  weight?: number
  /** Rows of each request. Default 1. */
  rows?: number
  /** Milliseconds from the intended send time within which an answer counts. Default: the benchmark's `slo`. */
  deadline?: number
  /** As in `RunOptions`. Default 0. */
  priority?: number
}

/** `deadline` is Infinity where there is none. */
export type ResolvedClass = Readonly<Required<RequestClass>>

const known = ['name', 'weight', 'rows', 'deadline', 'priority']
const mostClasses = 255

/** @throws {TrtError} `TRT_ERR_INVALID_ARGUMENT` */
export function resolveClasses(given: readonly RequestClass[] | undefined, slo: number | undefined): ResolvedClass[] {
  const classes = given === undefined ? [{ name: 'all' }] : given
  if (!Array.isArray(classes) || classes.length === 0 || classes.length > mostClasses) {
    throw invalid(`Expected an array of 1 to ${mostClasses} classes of requests.`)
  }
  const resolved = classes.map((each: RequestClass, i) => {
    const where = `classes[${i}]`
    rejectUnknown(plainObject(where, each), known, where)
    return Object.freeze({
      name: text(`${where}.name`, each.name ?? `class ${i + 1}`),
      weight: number(`${where}.weight`, each.weight ?? 1, 0, Number.MAX_VALUE),
      rows: integer(`${where}.rows`, each.rows ?? 1, 1, 1_000_000),
      deadline: deadlineOf(`${where}.deadline`, each.deadline, slo),
      priority: number(`${where}.priority`, each.priority ?? 0, -Number.MAX_VALUE, Number.MAX_VALUE),
    })
  })
  if (!resolved.some(({ weight }) => weight > 0)) throw invalid('Expected at least one class of requests with a weight above 0.')
  const names = resolved.map(({ name }) => name)
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) throw invalid(`Two classes of requests are named "${twice}".`, { name: twice })
  return resolved
}

function deadlineOf(where: string, given: number | undefined, slo: number | undefined): number {
  if (given === undefined) return slo ?? Infinity
  const deadline = number(where, given, 0, Infinity)
  if (deadline === 0) throw invalid(`Expected a number above 0 for ${where} but received 0.`, { name: where })
  return deadline
}

/** The class of each of `count` requests, drawn by weight: positions in `classes`. The same seed gives the same ones. */
export function drawClasses(classes: readonly ResolvedClass[], count: number, seed: number): Uint8Array {
  const drawn = new Uint8Array(count)
  if (classes.length === 1) return drawn
  // Not the generator of the arrivals: their times stay the same when a class is added.
  const random = seededRandom((seed ^ 0x9e3779b9) >>> 0)
  const pick = picker(classes)
  for (let i = 0; i < count; i++) drawn[i] = pick(random())
  return drawn
}

/** From a uniform number in [0, 1) to a position in `classes`. */
export function picker(classes: readonly ResolvedClass[]): (uniform: number) => number {
  const total = classes.reduce((sum, { weight }) => sum + weight, 0)
  let sum = 0
  const ends = classes.map(({ weight }) => (sum += weight) / total)
  // Rounding may leave the last end below 1; and a class of no weight must never be drawn.
  const last = classes.findLastIndex(({ weight }) => weight > 0)
  return (uniform) => {
    const found = ends.findIndex((end) => uniform < end)
    return found < 0 ? last : found
  }
}
