import type { Command } from 'commander'
import { type Context, printJson } from '../context.js'
import { addBuilderFlags, addBuildFlags, type BuildFlags, chosenModel } from '../flags/model.js'
import { type PrecisionFlags, precisionOf } from '../flags/precision.js'
import { buildEngine, save } from '../open-engine.js'
import { UsageError } from '../usage.js'
import { engineFacts, renderEngine } from '../view/engine.js'
import { renderReport } from '../../onnx/report/text.js'
import { saveReport } from '../view/save-report.js'
import { formatBytes, formatMs } from '../../core/text-format.js'
import { addCommonFlags } from './common.js'

type BuildCommandFlags = BuildFlags & PrecisionFlags

const help = `
Shapes are name:sizes, several separated by commas, or name:scalar. The last colon divides, so that input:0:2x3 is the
input input:0; names with commas stand in quotes: --shapes="'a,b':4". Of min, opt and max, one that is missing follows the
nearest that is given.
Flags of TensorRT are trtexec's; docs/tensorrt.md says more of them. Sizes take K, M and G. Builds for TensorRT and
TensorRT-RTX run in a process of their own. TensorRT-RTX builds without a GPU, for GPUs that are elsewhere.
The engine file is written whole or not at all; Ctrl-C stops the build and leaves nothing behind.

Precision is given to the model here, for every backend; optimize writes the same as ONNX.

Example:
  $ tensorrt-node build model.onnx -o model.engine
  $ tensorrt-node build model.onnx -o model.engine --int8 --calib pictures/ --minCosine 0.99 --report report.html
  $ tensorrt-node build --onnx=ocr.onnx --saveEngine=ocr.engine \\
      --minShapes=x:1x3x48x32 --optShapes=x:8x3x48x320 --maxShapes=x:32x3x48x1280
  $ tensorrt-node build ocr.onnx -o ocr.rtx.engine --backend=tensorrt-rtx --computeCapabilities=86,89,120 \\
      --memPoolSize=workspace:1G --shapes=x:8x3x48x320`

export function addBuild(program: Command, context: Context): void {
  const command = program.command('build').description('build an engine file from an ONNX model')
  addCommonFlags(addBuilderFlags(addBuildFlags(command.argument('[model]', '.onnx file; or name it with --onnx'))))
    .addHelpText('after', help)
    .action((model: string | undefined, flags: BuildCommandFlags) => build(model, flags, context))
}

async function build(model: string | undefined, flags: BuildCommandFlags, context: Context): Promise<void> {
  const { file } = chosenModel(model, flags)
  const target = flags.saveEngine
  if (target === undefined && flags.cacheDir === undefined)
    throw new UsageError('Expected --saveEngine (or -o), or --cacheDir: say where the engine goes.')
  const began = context.clock.now()
  await using engine = await buildEngine(file, flags, context, await precisionOf(flags, file, context.signal))
  if (target !== undefined) await save(engine, target, { ...flags, quiet: true }, context)
  const elapsedMs = Math.round(context.clock.now() - began)
  const { report } = engine
  if (flags.report !== undefined && report !== null) await saveReport(report, flags.report, file)
  if (flags.json) return printJson(context, { saved: target ?? null, elapsedMs, ...engineFacts(engine), report })
  const { payload, cache } = engine.metadata
  const where = target ?? `the cache in ${flags.cacheDir}`
  const how = cache === 'hit' ? 'Found in the cache' : 'Built'
  context.out(
    `${how} in ${formatMs(elapsedMs)}: ${where}, ${formatBytes(payload.bytes)}.\n${renderEngine(engine)}${report === null || report.precision === 'fp32' ? '' : `\n${renderReport(report)}`}`,
  )
}
