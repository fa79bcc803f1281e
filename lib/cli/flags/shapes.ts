import { UsageError } from '../usage.js'
import { splitPairs } from './pairs.js'

export type Shapes = ReadonlyMap<string, readonly number[]>

/** `x:1x3x48x320,y:scalar` → x: [1, 3, 48, 320], y: []. */
export function parseShapes(flag: string, text: string): Shapes {
  const shapes = new Map<string, readonly number[]>()
  for (const { name, value } of splitPairs(flag, text)) {
    if (name === undefined) throw wrongShape(flag, value)
    if (shapes.has(name)) throw new UsageError(`${flag} gives the shape of "${name}" twice.`, { flag, name })
    shapes.set(name, parseShape(flag, value))
  }
  return shapes
}

function parseShape(flag: string, text: string): number[] {
  if (text === 'scalar') return []
  const dims = text.split('x').map((dim) => (/^\d+$/.test(dim) ? Number(dim) : Number.NaN))
  if (!dims.every(Number.isSafeInteger)) throw wrongShape(flag, text)
  return dims
}

function wrongShape(flag: string, received: string): UsageError {
  return new UsageError(
    `Expected name:sizes for ${flag}, such as x:1x3x48x320 (or name:scalar; several separated by commas), but received "${received}".`,
    { flag, received },
  )
}

export interface ShapeFlags {
  minShapes?: Shapes
  optShapes?: Shapes
  maxShapes?: Shapes
  shapes?: Shapes
}

export interface ProfileFlags extends ShapeFlags {
  /** Profiles 1, 2 … by their numbers; 0 is in the flags themselves. */
  profile?: readonly (ShapeFlags | undefined)[]
}

export interface ProfileRange {
  min: number[]
  opt: number[]
  max: number[]
}

/**
 * The optimization profile that the flags describe, undefined where they describe none. As trtexec has it: a bound that
 * is not given follows the nearest one that is, and `--shapes` alone fixes all three.
 */
export function profileOf(flags: ShapeFlags): Record<string, ProfileRange> | undefined {
  const { minShapes, optShapes, maxShapes, shapes } = flags
  const profile = new Map<string, ProfileRange>()
  for (const name of namesIn([minShapes, optShapes, maxShapes, shapes])) {
    const opt = optShapes?.get(name) ?? shapes?.get(name) ?? maxShapes?.get(name) ?? minShapes?.get(name) ?? []
    profile.set(name, { min: [...(minShapes?.get(name) ?? opt)], opt: [...opt], max: [...(maxShapes?.get(name) ?? opt)] })
  }
  return profile.size === 0 ? undefined : Object.fromEntries(profile)
}

/** All profiles of the flags, as Engine.build takes them. */
export function profilesOf(flags: ProfileFlags): { shapes?: Record<string, ProfileRange>; profiles?: Record<string, ProfileRange>[] } {
  const first = profileOf(flags)
  const further = flags.profile?.slice(1) ?? []
  if (further.length === 0) return first === undefined ? {} : { shapes: first }
  const profiles = [first, ...Array.from(further, (each) => (each === undefined ? undefined : profileOf(each)))]
  const missing = profiles.indexOf(undefined)
  if (missing < 0) return { profiles: profiles as Record<string, ProfileRange>[] }
  throw new UsageError(`Expected shapes for each profile up to ${profiles.length - 1}, but profile ${missing} has none.`, {
    profile: missing,
  })
}

function namesIn(flags: readonly (Shapes | undefined)[]): Set<string> {
  const names = new Set<string>()
  for (const shapes of flags) for (const name of shapes?.keys() ?? []) names.add(name)
  return names
}
