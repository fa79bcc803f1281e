import { TrtError } from './errors.js'
import { suggestion } from './nearest.js'
import { invalid, received } from './options.js'

/** Inputs that are not an object of inputs by name. */
export function notByName(inputs: unknown): TrtError {
  return invalid(`Expected an object of inputs by name, as in run({ x }), but received ${received(inputs)}.`, {
    received: received(inputs),
  })
}

/** Inputs whose names are not those that are `wanted`: which are missing, which are not known, and what was probably meant. */
export function wrongNames(inputs: object, wanted: readonly { readonly name: string }[]): TrtError {
  if (ArrayBuffer.isView(inputs) || Array.isArray(inputs)) return notByName(inputs)
  const known = wanted.map(({ name }) => name)
  const given: string[] = []
  for (const name in inputs) given.push(name)
  const missing = known.filter((name) => (inputs as Record<string, unknown>)[name] === undefined)
  const unknown = given.filter((name) => !known.includes(name))
  const parts = [
    ...unknown.map((name) => `Input "${name}" is not one of the engine's.${suggestion(name, missing.length > 0 ? missing : known)}`),
    ...(missing.length > 0 ? [`Missing: ${quoted(missing)}.`] : []),
    `The engine takes ${quoted(known)}.`,
  ]
  return new TrtError('TRT_ERR_NAME', parts.join(' '), { expected: known, missing, unknown })
}

const quoted = (names: readonly string[]) => (names.length === 0 ? 'no inputs' : names.map((name) => `"${name}"`).join(', '))
