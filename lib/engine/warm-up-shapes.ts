import { TrtError } from '../core/errors.js'
import { suggestion } from '../core/nearest.js'
import { integer, invalid, plainObject, received } from '../core/options.js'
import { checkedSize, formatShape, formatSpec, within } from '../core/shapes.js'
import type { InputPlan } from './inputs.js'

export type ShapesByName = Readonly<Record<string, readonly number[]>>

/** One thing to warm: shapes of all inputs that are run together. */
export interface ShapeSet {
  /** The optimization profile that they come from, or the first that takes them; null where the engine has none. */
  readonly profile: number | null
  /** Size of the batch: the first dimension that the inputs share, else 1. */
  readonly rows: number
  readonly shapes: ShapesByName
  /** Names of inputs with free dimensions that nobody has given: 1 was taken. */
  readonly guessed: readonly string[]
}

interface Base {
  readonly profile: number | null
  readonly shapes: ShapesByName
  readonly guessed: readonly string[]
}

/**
 * What a warm-up should run, small batches first.
 *
 * @param shapes One set of shapes, or several; inputs that a set lacks have those of the first profile.
 * @param batchSizes Numbers for the inputs' free first dimension.
 * @throws {TrtError} `TRT_ERR_NAME`, `TRT_ERR_SHAPE`, `TRT_ERR_INVALID_ARGUMENT`
 */
export function warmUpShapes(plans: readonly InputPlan[], shapes: unknown, batchSizes: unknown): ShapeSet[] {
  const sizes = batchSizes === undefined ? null : checkedSizes(batchSizes)
  const bases = shapes === undefined ? profileBases(plans) : givenBases(plans, shapes)
  const sets = bases.flatMap((base) => {
    const chosen = sizes ?? (shapes === undefined ? defaultSizes(plans, base) : null)
    return chosen === null ? [base] : chosen.flatMap((rows) => resized(plans, base, rows))
  })
  if (sizes !== null) requireEachSize(plans, sizes, sets)
  const unique = new Map<string, Base>()
  for (const set of sets) {
    const key = JSON.stringify(set.shapes)
    if (!unique.has(key)) unique.set(key, set)
  }
  const result = Array.from(unique.values(), ({ profile, shapes: all, guessed }) => ({
    profile,
    rows: rowsOf(plans, all),
    shapes: all,
    guessed,
  }))
  return result.sort((a, b) => a.rows - b.rows)
}

/** The first profile whose bounds take all shapes; null where there is none, or the engine knows no bounds. */
export function profileOf(plans: readonly InputPlan[], shapes: ShapesByName): number | null {
  for (let profile = 0; profile < profileCount(plans); profile++) {
    if (fits(plans, shapes, profile)) return profile
  }
  return null
}

function fits(plans: readonly InputPlan[], shapes: ShapesByName, profile: number): boolean {
  return plans.every(({ name, info }) => {
    const range = info.ranges[profile]
    const shape = shapes[name]!
    return info.isShape || range === undefined || (range.min.length === shape.length && within(shape, range))
  })
}

/** First dimension of the inputs that are batched, else of all that have one; 1 where they do not agree. */
export function rowsOf(plans: readonly InputPlan[], shapes: ShapesByName): number {
  const batched = plans.filter(isBatched)
  const counted = (batched.length > 0 ? batched : plans.filter(({ info }) => !info.isShape)).map(({ name }) => shapes[name]?.[0])
  const [first] = counted
  return first !== undefined && counted.every((rows) => rows === first) ? first : 1
}

/** `x [8, 3, 48, 320], mask [8]` */
export function formatShapes(shapes: ShapesByName): string {
  return Object.entries(shapes)
    .map(([name, shape]) => `${name} ${formatShape(shape)}`)
    .join(', ')
}

const isBatched = ({ info }: InputPlan): boolean => !info.isShape && info.shape !== null && info.shape[0] !== undefined && info.shape[0] < 0

const profileCount = (plans: readonly InputPlan[]): number => Math.max(0, ...plans.map(({ info }) => info.ranges.length))

function profileBases(plans: readonly InputPlan[]): Base[] {
  const count = profileCount(plans)
  return count === 0 ? [baseOf(plans, {}, null)] : Array.from({ length: count }, (_, profile) => baseOf(plans, {}, profile))
}

function givenBases(plans: readonly InputPlan[], shapes: unknown): Base[] {
  const sets: readonly unknown[] = Array.isArray(shapes) ? shapes : [shapes]
  if (sets.length === 0) throw invalid('Expected at least one set of shapes for warmUp({ shapes }) but received an empty array.')
  const names = plans.map(({ name }) => name)
  return sets.map((set) => {
    const given = plainObject('shapes', set) as ShapesByName
    for (const name of Object.keys(given)) {
      if (names.includes(name)) continue
      const message = `A warm-up shape is given for "${name}", which is not an input.${suggestion(name, names)}`
      throw new TrtError('TRT_ERR_NAME', message, { expected: names, received: name })
    }
    const { shapes: all, guessed } = baseOf(plans, given, null)
    return { profile: profileOf(plans, all), shapes: all, guessed }
  })
}

function baseOf(plans: readonly InputPlan[], given: ShapesByName, profile: number | null): Base {
  const shapes: Record<string, readonly number[]> = {}
  const guessed: string[] = []
  for (const { info, name } of plans) {
    // The bounds of a shape tensor are of its values.
    const optimum = info.isShape ? undefined : info.ranges[profile ?? 0]?.opt
    const known = given[name] === undefined ? optimum : given[name]
    if (known === undefined && info.shape === null)
      throw invalid(`Input "${name}" has no known rank. Give its shape: warmUp({ shapes: { ${name}: […] } }).`, { input: name })
    if (known === undefined && info.shape!.some((dim) => dim < 0)) guessed.push(name)
    shapes[name] = known === undefined ? info.shape!.map((dim) => Math.max(dim, dim < 0 ? 1 : 0)) : known
    checkedSize(`warm-up shape of input "${name}"`, shapes[name])
  }
  return { profile, shapes, guessed }
}

/** Least, most common and largest batch of the profile, and the powers of two between; null: nothing bounds it. */
function defaultSizes(plans: readonly InputPlan[], { profile, shapes }: Base): number[] | null {
  const ranges = plans.filter(isBatched).flatMap(({ info }) => info.ranges[profile ?? 0] ?? [])
  const opt = ranges[0]?.opt[0]
  // Inputs whose first dimensions differ at the optimum have no batch in common.
  if (opt === undefined || ranges.some((range) => range.opt[0] !== opt) || rowsOf(plans, shapes) !== opt) return null
  const min = Math.max(1, ...ranges.map((range) => range.min[0]!))
  const max = Math.min(...ranges.map((range) => range.max[0]!))
  const sizes = new Set([min, opt, max])
  for (let size = 1; size < max; size *= 2) if (size > min) sizes.add(size)
  return [...sizes].sort((a, b) => a - b)
}

function checkedSizes(given: unknown): number[] {
  if (!Array.isArray(given) || given.length === 0) {
    throw invalid(`Expected an array of at least one batch size for batchSizes but received ${received(given)}.`)
  }
  return [...new Set(given.map((size, i) => integer(`batchSizes[${i}]`, size, 1, 2 ** 31)))].sort((a, b) => a - b)
}

/** The base with another batch, where its profile takes that. */
function resized(plans: readonly InputPlan[], base: Base, rows: number): Base[] {
  const shapes: Record<string, readonly number[]> = { ...base.shapes }
  const batched = plans.filter(isBatched)
  for (const { name } of batched) shapes[name] = [rows, ...shapes[name]!.slice(1)]
  const known = new Set(batched.filter(({ info }) => info.shape!.lastIndexOf(-1) === 0).map(({ name }) => name))
  const guessed = base.guessed.filter((name) => !known.has(name))
  const profiles = profileCount(plans)
  if (profiles === 0 || (base.profile !== null && fits(plans, shapes, base.profile))) return [{ profile: base.profile, shapes, guessed }]
  // Given shapes belong to whichever profile takes them at this size.
  const profile = profileOf(plans, shapes)
  return profile === null ? [] : [{ profile, shapes, guessed }]
}

function requireEachSize(plans: readonly InputPlan[], sizes: readonly number[], sets: readonly Base[]): void {
  for (const size of sizes) {
    if (sets.some(({ shapes }) => rowsOf(plans, shapes) === size)) continue
    const inputs = plans.map(({ name, info }) => `"${name}" ${formatSpec(info)}`).join(', ')
    const message = `No input shape of the engine has batch size ${size}: it takes ${inputs}. Leave ${size} out of batchSizes, or build the engine with a free first dimension and a profile that includes it.`
    throw new TrtError('TRT_ERR_SHAPE', message, { batchSize: size, expected: plans.map(({ name, info }) => [name, formatSpec(info)]) })
  }
}
