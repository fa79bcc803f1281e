import type { Command } from 'commander'
import { Engine } from '../../engine/engine.js'
import { type CommonFlags, type Context, printJson, withProgress } from '../context.js'
import { defined } from '../flags/model.js'
import { addTensorRtLoadFlags, librariesOf, type TensorRtFlags, tensorRtOf } from '../flags/tensorrt.js'
import { inspectFile } from '../inspect/inspect-file.js'
import { inspectLayers, type LayerInspection } from '../inspect/inspect-layers.js'
import { UsageError } from '../usage.js'
import { renderInspection } from '../view/inspection.js'
import { renderLayerInspection } from '../view/layers.js'
import { addCommonFlags } from './common.js'

const help = `
Reads an ONNX model, an engine file of this package, or tells what else the file is. Loads no backend.
With --verbose, all operators and the whole metadata of a model.
With --layers it loads an engine of TensorRT or TensorRT-RTX, which needs a GPU, and tells its layers, their times on the
device, and the memory it takes there.

Example:
  $ tensorrt-node inspect model.onnx
  $ tensorrt-node inspect model.engine --json
  $ tensorrt-node inspect model.engine --layers`

type InspectFlags = CommonFlags & TensorRtFlags & { layers?: boolean }

export function addInspect(program: Command, context: Context): void {
  const command = program
    .command('inspect')
    .description('say what a model or engine file holds')
    .argument('<file>', '.onnx or engine file')
    .option('--layers', 'load the engine, and tell its layers, their times and the memory of the device')
  addTensorRtLoadFlags(addCommonFlags(command))
    .addHelpText('after', help)
    .action((file: string, flags: InspectFlags) => inspect(file, flags, context))
}

async function inspect(file: string, flags: InspectFlags, context: Context): Promise<void> {
  const inspection = await inspectFile(file, context.signal)
  if (flags.layers === true && inspection.kind === 'onnx')
    throw new UsageError(`Expected an engine for --layers, but ${file} is an ONNX model. Build it first: tensorrt-node build.`)
  const inside = flags.layers === true ? await layersOf(file, flags, context) : null
  if (flags.json) return printJson(context, inside === null ? inspection : { ...inspection, ...inside })
  context.out(renderInspection(inspection, { verbose: flags.verbose === true }))
  if (inside !== null) context.out(`\n${renderLayerInspection(inside)}`)
}

async function layersOf(file: string, flags: InspectFlags, context: Context): Promise<LayerInspection> {
  const options = defined({ libraries: librariesOf(flags), tensorrt: tensorRtOf(flags) })
  return withProgress(context, flags, 'asking the engine', async () => {
    await using engine = await Engine.load(file, { ...options, signal: context.signal })
    return await inspectLayers(engine, context.signal)
  })
}
