import { type Command, Option } from 'commander'
import type { LibraryPaths } from '../../backend/tensorrt/libraries.js'
import { buildOptions, loadOptions, type OptionKind, type OptionSpec } from '../../engine/tensorrt/option-table.js'
import type { TensorRtBuildOptions } from '../../engine/tensorrt/options.js'
import { UsageError } from '../usage.js'
import { integerFlag } from './numbers.js'
import { splitPairs } from './pairs.js'

/** Paths of NVIDIA's libraries, for who has them elsewhere. */
export interface LibraryFlags {
  cudart?: string
  nvinfer?: string
  nvonnxparser?: string
  nvinferPlugin?: string
}

/** Flags of TensorRT have the names of the options under `tensorrt` of Engine.build. */
export type TensorRtFlags = LibraryFlags & TensorRtBuildOptions

const libraries: Readonly<Record<keyof LibraryFlags, string>> = {
  cudart: "CUDA's runtime",
  nvinfer: 'TensorRT or TensorRT-RTX',
  nvonnxparser: 'its ONNX parser',
  nvinferPlugin: "TensorRT's plugins",
}

/** What running an engine takes, and where the libraries are. */
export function addTensorRtLoadFlags(command: Command): Command {
  const group = 'TensorRT and TensorRT-RTX:'
  for (const [name, what] of Object.entries(libraries)) {
    command.addOption(new Option(`--${name} <path>`, `${what}: the library or its folder`).helpGroup(group))
  }
  for (const spec of loadOptions) command.addOption(optionOf(spec).helpGroup(group))
  return command
}

/** All that trtexec's build group has, under its names. */
export function addTensorRtBuildFlags(command: Command): Command {
  for (const spec of buildOptions) command.addOption(optionOf(spec).helpGroup('Building with TensorRT and TensorRT-RTX:'))
  return command
}

/** The options that were given on the command line; undefined: none. */
export function tensorRtOf(flags: TensorRtFlags): TensorRtBuildOptions | undefined {
  const given = pick(
    flags,
    [...buildOptions, ...loadOptions].map(({ key }) => key),
  )
  return Object.keys(given).length === 0 ? undefined : given
}

export function librariesOf(flags: LibraryFlags): LibraryPaths | undefined {
  const given = pick(flags, Object.keys(libraries))
  return Object.keys(given).length === 0 ? undefined : given
}

function pick(flags: object, keys: readonly string[]): Record<string, unknown> {
  const all = flags as Readonly<Record<string, unknown>>
  return Object.fromEntries(keys.flatMap((key) => (all[key] === undefined ? [] : [[key, all[key]]])))
}

function optionOf({ key, type, about, only }: OptionSpec): Option {
  const flag = `--${key}`
  const name = only === 'tensorrt' ? 'TensorRT' : 'TensorRT-RTX'
  const text = only === undefined ? about : `${about} [${name}]`
  if (type.kind === 'flag') return new Option(flag, text)
  const option = new Option(`${flag} <${placeholders[type.kind]}>`, text)
  return type.kind === 'choice' ? option.choices(type.values) : option.argParser(parserOf(flag, type))
}

const placeholders: Readonly<Record<Exclude<OptionKind['kind'], 'flag'>, string>> = {
  integer: 'n',
  choice: 'name',
  text: 'file',
  names: 'list',
  switches: 'list',
  paths: 'files',
  sizes: 'spec',
  numbers: 'list',
  budget: 'size',
}

/** From a word to the value that Engine.build takes; that checks the rest. */
function parserOf(flag: string, type: Exclude<OptionKind, { kind: 'flag' | 'choice' }>): (text: string) => unknown {
  switch (type.kind) {
    case 'integer':
      return integerFlag(flag, type.min, type.max)
    case 'text':
      return (text) => text
    case 'names':
    case 'switches':
    case 'paths':
      return (text) => text.split(',')
    case 'numbers':
      return (text) => text.split(',').map(capability(flag, type.values))
    case 'sizes':
      return (text) => Object.fromEntries(splitPairs(flag, text).map(({ name, value }) => [name ?? '', bytes(flag, value, mebi)]))
    case 'budget':
      return (text) => (/^(auto|off|.*%)$/.test(text) ? text : bytes(flag, text, 1))
  }
}

/** `86`, as NVIDIA's tools have it; `8.6` is understood too. */
function capability(flag: string, values: readonly number[]): (text: string) => number {
  return (text) => {
    const number = /^\d+\.\d$/.test(text) ? Number(text.replace('.', '')) : Number(text)
    if (values.includes(number)) return number
    throw new UsageError(`Expected compute capabilities out of ${values.join(', ')} for ${flag} but received "${text}".`, {
      flag,
      expected: values,
    })
  }
}

const mebi = 2 ** 20
const units: Readonly<Record<string, number>> = { B: 1, K: 2 ** 10, M: mebi, G: 2 ** 30 }

/** `1G`, `512M`, `48K`, `100B`; a number alone counts `unit`s, as trtexec has it. */
function bytes(flag: string, text: string, unit: number): number {
  const match = /^(\d+(?:\.\d+)?)([BKMG])?$/i.exec(text)
  const value = match === null ? Number.NaN : Math.round(Number(match[1]) * (units[(match[2] ?? '').toUpperCase()] ?? unit))
  if (value > 0 || text === '0') return value
  throw new UsageError(`Expected a size such as 1G, 512M or 48K for ${flag} but received "${text}".`, { flag, received: text })
}
