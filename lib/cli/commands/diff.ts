import { type Command, Option } from 'commander'
import { seededRandom } from '../../core/random.js'
import type { IoInfo } from '../../engine/io-info.js'
import { diffFiles } from '../../engine/precision/diff.js'
import { defaultTolerance } from '../../onnx/diff.js'
import type { Sample } from '../../onnx/runtime.js'
import { type CommonFlags, type Context, note, printJson, withProgress } from '../context.js'
import { type InputFlags, parseInputs } from '../flags/inputs.js'
import { defined } from '../flags/model.js'
import { integerFlag, numberFlag } from '../flags/numbers.js'
import { parseShapes, type Shapes } from '../flags/shapes.js'
import { makeInputs } from '../tensors/make-inputs.js'
import { readInputs } from '../tensors/read-inputs.js'
import { exitCodes } from '../usage.js'
import { renderDifference } from '../view/difference.js'
import { addCommonFlags } from './common.js'

interface DiffFlags extends CommonFlags {
  inputs?: InputFlags[]
  shapes?: Shapes
  seed: number
  tolerance: number
  threads?: number
  onnxruntime?: string
}

const help = `
Two ONNX models run on ONNX Runtime as they stand, and every tensor that has the same name in both is compared, in the order of
the first: the first that departs is named. As soon as one of the two is an engine, outputs alone are compared.

The error of a tensor is the root of noise power over signal power: about 1e-6 between two ways to compute in float32, 1e-3 in
float16, 1e-1 in int8. Inputs that --inputs does not name are random, as for run. Exit code 1: an output departs.

Example:
  $ tensorrt-node diff model.onnx model-fp16.onnx --inputs inputs.npz --tolerance 0.01
  $ tensorrt-node diff model.onnx model.engine --inputs x:a.npy --inputs x:b.npy`

export function addDiff(program: Command, context: Context, end: (code: number) => void): void {
  const command = program.command('diff').description('compare two models or engines, and name the first tensor that departs')
  addCommonFlags(command.argument('<a>', '.onnx or engine file: the reference').argument('<b>', '.onnx or engine file'))
    .addOption(
      new Option('--inputs <spec>', 'x:x.npy,y:y.bin,z:zeros or inputs.npz; give it again for further samples').argParser(
        (text, before: InputFlags[] | undefined) => [...(before ?? []), parseInputs('--inputs', text)],
      ),
    )
    .addOption(
      new Option('--shapes <spec>', 'of inputs that are made or raw: x:1x3x48x320').argParser((text) => parseShapes('--shapes', text)),
    )
    .addOption(new Option('--seed <n>', 'of random inputs').argParser(integerFlag('--seed', 0)).default(1))
    .addOption(
      new Option('--tolerance <x>', 'error from which on a tensor departs')
        .argParser(numberFlag('--tolerance', 0))
        .default(defaultTolerance),
    )
    .addOption(new Option('--threads <n>', 'threads that compute one run of ONNX Runtime').argParser(integerFlag('--threads', 0, 1024)))
    .option('--onnxruntime <path>', "ONNX Runtime's library, or its folder")
    .addHelpText('after', help)
    .action((a: string, b: string, flags: DiffFlags) => run([a, b], flags, context, end))
}

async function run(files: [string, string], flags: DiffFlags, context: Context, end: (code: number) => void): Promise<void> {
  const { tolerance, threads, onnxruntime } = flags
  const options = { ...defined({ threads, onnxruntime }), tolerance, signal: context.signal }
  const difference = await withProgress(context, flags, 'comparing', () =>
    diffFiles(files, (infos) => samplesFor(infos, flags, context), options),
  )
  if (flags.json) printJson(context, { files, ...difference })
  else context.out(renderDifference(difference, { verbose: flags.verbose === true }))
  if (difference.differ) end(exitCodes.failed)
}

/** One for each --inputs; a random one without. */
function samplesFor(infos: readonly IoInfo[], flags: DiffFlags, context: Context): Promise<Sample[]> {
  const given = flags.inputs ?? [{ sources: new Map(), archives: [] }]
  const random = seededRandom(flags.seed)
  return Promise.all(
    given.map(async (each) =>
      makeInputs(infos, {
        given: await readInputs(each, context.signal),
        shapes: flags.shapes ?? new Map(),
        random,
        onNote: (text) => note(context, flags, text),
      }),
    ),
  )
}
