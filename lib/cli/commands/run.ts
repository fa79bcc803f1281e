import type { Command } from 'commander'
import { seededRandom } from '../../core/random.js'
import type { Tensor } from '../../core/tensor.js'
import type { Engine } from '../../engine/engine.js'
import { type Context, note, printJson } from '../context.js'
import { addModelFlags, addSessionFlags, defined, type ModelFlags, type SessionFlags } from '../flags/model.js'
import { openEngine } from '../open-engine.js'
import { makeInputs } from '../tensors/make-inputs.js'
import { readInputs } from '../tensors/read-inputs.js'
import { exportOutputs, saveOutputs } from '../tensors/save-outputs.js'
import { renderSummaries, summarize } from '../tensors/summarize.js'
import { engineFacts, renderEngine } from '../view/engine.js'
import { formatNumber } from '../../core/text-format.js'
import { addCommonFlags } from './common.js'

export interface RunFlags extends ModelFlags, SessionFlags {
  saveOutput?: string
  exportOutput?: string
}

const help = `
Shapes are written as for build. --loadInputs takes name:file, several separated by commas, and .npz files, whose members
are named as the inputs. A file that is neither .npy nor .npz holds raw elements; its shape comes from --shapes where the
engine's does not give it. bfloat16 travels in .npy as the two raw bytes that Python's ml_dtypes writes, or as uint16.

Inputs that --loadInputs does not name are random, the same for the same --seed: floats in [-1, 1), bytes over their
whole range, 0 or 1 for other integers and bool. Free dimensions take --shapes, else the profile's optimum, else 1.

Example:
  $ tensorrt-node run model.onnx --shapes=x:1x3x48x320
  $ tensorrt-node run model.engine --loadInputs=x:x.npy --saveOutput=out`

export function addRun(program: Command, context: Context): void {
  const command = program.command('run').description('run a model once and show its outputs')
  addCommonFlags(addSessionFlags(addModelFlags(command)))
    .option('--saveOutput <path>', 'write each output as .npy into this folder, or all into this .npz file')
    .option('--exportOutput <file>', "write the outputs as JSON, as trtexec's --exportOutput does")
    .addHelpText('after', help)
    .action((model: string | undefined, flags: RunFlags) => run(model, flags, context))
}

async function run(model: string | undefined, flags: RunFlags, context: Context): Promise<void> {
  await using engine = await openEngine(model, flags, context)
  const inputs = await prepareInputs(engine, flags, context)
  await using session = await engine.createSession({ ...defined({ threads: flags.threads }), signal: context.signal })
  const began = context.clock.now()
  const outputs: Record<string, Tensor> = await session.run(inputs, { signal: context.signal })
  const elapsedMs = context.clock.now() - began
  const files = flags.saveOutput === undefined ? {} : await saveOutputs(outputs, flags.saveOutput)
  if (flags.exportOutput !== undefined) await exportOutputs(outputs, flags.exportOutput)
  const summaries = Object.entries(outputs).map(([name, tensor]) => summarize(name, tensor))
  if (flags.json) return printJson(context, { engine: engineFacts(engine), elapsedMs, outputs: summaries, files })
  if (flags.verbose) context.out(`${renderEngine(engine)}\n`)
  context.out(renderSummaries(summaries))
  note(context, flags, `One run took ${formatNumber(elapsedMs)} ms, nothing warmed up; measure with: tensorrt-node bench`)
  for (const file of new Set(Object.values(files))) note(context, flags, `Wrote ${file}.`)
}

/** Tensors for all inputs of the engine, as `run` and `bench` take them. */
export async function prepareInputs(engine: Engine, flags: ModelFlags & SessionFlags, context: Context): Promise<Record<string, Tensor>> {
  const given = flags.loadInputs === undefined ? new Map() : await readInputs(flags.loadInputs, context.signal)
  return makeInputs(engine.inputs, {
    given,
    shapes: flags.shapes ?? new Map(),
    random: seededRandom(flags.seed),
    onNote: (text) => note(context, flags, text),
  })
}
