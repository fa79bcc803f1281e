import { type Command, Option } from 'commander'
import { type Precision, precisions } from '../../engine/precision/options.js'
import type { CommonFlags } from '../context.js'
import { UsageError } from '../usage.js'
import { parseInputs, type InputFlags } from './inputs.js'
import { integerFlag } from './numbers.js'
import { addPrecisionFlags } from './precision.js'
import { parseShapes, type ProfileFlags, type Shapes } from './shapes.js'
import { addTensorRtBuildFlags, addTensorRtLoadFlags, type TensorRtFlags } from './tensorrt.js'

/** Which model, and how it is built where it is not built yet. */
export interface BuildFlags extends CommonFlags, ProfileFlags, TensorRtFlags {
  onnx?: string
  saveEngine?: string
  backend?: string
  precision?: Precision
  cacheDir?: string
  onnxruntime?: string
  inProcess?: boolean
  batch?: { min: number; opt: number; max: number }
}

/** The same for commands that also take an engine. */
export interface ModelFlags extends BuildFlags {
  loadEngine?: string
}

/** What a session is given. */
export interface SessionFlags {
  lanes?: number
  threads?: number
  loadInputs?: InputFlags
  seed: number
}

/** What `build` has and the commands that run a model have not. */
export function addBuilderFlags(command: Command): Command {
  const builder = command.addOption(
    new Option('--inProcess', 'build in this process, not in one of its own: a model that crashes the builder ends it').helpGroup(
      'Building with TensorRT and TensorRT-RTX:',
    ),
  )
  return addTensorRtBuildFlags(addPrecisionFlags(builder))
}

export function addBuildFlags(command: Command): Command {
  return addTensorRtLoadFlags(
    addShapeFlags(command)
      .option('--onnx <file>', 'the ONNX model to build')
      .option('-o, --saveEngine <file>', 'write the engine here')
      .addOption(new Option('--precision <name>', 'precision of the engine (default: fp32)').choices(precisions))
      .option(
        '--backend <name>',
        'auto, cpu, tensorrt, tensorrt-rtx, or the path of a backend library (default: auto, or the one that built the engine)',
      )
      .option('--cacheDir <folder>', 'keep and find engines here by content, options and version')
      .option(
        '--onnxruntime <path>',
        "ONNX Runtime's library, or its folder (default: TENSORRT_NODE_ONNXRUNTIME, else the installed package)",
      ),
  )
}

/** As trtexec has it: `--profile=1` and the flags of shapes after it describe another optimization profile. */
function addShapeFlags(command: Command): Command {
  const further: ProfileFlags[] = []
  let current = 0
  const shapes = (flag: string, key: 'minShapes' | 'optShapes' | 'maxShapes' | 'shapes', text: string) =>
    new Option(`${flag} <spec>`, text).argParser((given: string, before: Shapes | undefined) => {
      const parsed = parseShapes(flag, given)
      if (current === 0) return parsed
      further[current] = { ...further[current], [key]: parsed }
      return before ?? new Map()
    })
  for (const bound of ['min', 'opt', 'max'] as const) {
    command.addOption(shapes(`--${bound}Shapes`, `${bound}Shapes`, `${bound} shapes of inputs: x:1x3x48x32,y:4`))
  }
  command.addOption(
    new Option('--batch <range>', 'instead of shapes, where only first dimensions are free: min:opt:max rows, or the most').argParser(
      parseBatch,
    ),
  )
  const number = integerFlag('--profile', 0, 63)
  return command.addOption(shapes('--shapes', 'shapes', 'shapes of inputs; without min, opt and max they fix all three')).addOption(
    new Option('--profile <n>', 'the flags of shapes after it are for this optimization profile').argParser((text) => {
      current = number(text)
      return further
    }),
  )
}

export function addModelFlags(command: Command): Command {
  return addBuildFlags(command.argument('[model]', 'engine or .onnx file; or name it with --loadEngine, --onnx')).option(
    '--loadEngine <file>',
    'the engine to load',
  )
}

export function addSessionFlags(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--loadInputs <spec>',
        'x:x.npy,y:y.bin,z:zeros or inputs.npz; the other inputs are random. Raw files hold little-endian elements',
      ).argParser((text) => parseInputs('--loadInputs', text)),
    )
    .addOption(new Option('--seed <n>', 'of random inputs').argParser(integerFlag('--seed', 0)).default(1))
    .addOption(
      new Option(
        '--threads <n>',
        "CPU backend: threads that compute one run (ONNX Runtime's intra-op threads; not trtexec's --threads); 0: one for each core",
      ).argParser(integerFlag('--threads', 0, 1024)),
    )
}

/** The one model that is meant. */
export function chosenModel(model: string | undefined, flags: ModelFlags): { file: string; kind: 'onnx' | 'engine' | 'either' } {
  const given = [
    { file: model, kind: 'either' as const },
    { file: flags.onnx, kind: 'onnx' as const },
    { file: flags.loadEngine, kind: 'engine' as const },
  ].filter((each) => each.file !== undefined)
  const [only] = given
  if (only?.file === undefined)
    throw new UsageError('Expected a model but received none: give an engine or .onnx file, or --onnx or --loadEngine.')
  if (given.length > 1) throw new UsageError(`Expected one model but received ${given.map(({ file }) => file).join(' and ')}.`)
  return { file: only.file, kind: only.kind }
}

/** Without the members that are undefined: options tell "not given" by absence. */
export function defined<T extends object>(object: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>
  }
}

/** `1:8:32`, or `32` for 1:32:32. */
function parseBatch(text: string): { min: number; opt: number; max: number } {
  const numbers = text.split(':').map(integerFlag('--batch', 0, 2 ** 31 - 1))
  const [min, opt, max] = numbers.length === 1 ? [1, numbers[0], numbers[0]] : numbers
  if (min !== undefined && opt !== undefined && max !== undefined && [1, 3].includes(numbers.length) && min <= opt && opt <= max)
    return { min, opt, max }
  throw new UsageError(`Expected min:opt:max with min ≤ opt ≤ max, or one number, for --batch but received "${text}".`, { received: text })
}
