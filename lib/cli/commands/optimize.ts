import { type Command, Option } from 'commander'
import { formatBytes, formatMs } from '../../core/text-format.js'
import { writeAtomically } from '../../engine/files.js'
import { optimize } from '../../engine/precision/optimize.js'
import { precisions } from '../../engine/precision/options.js'
import { renderReport } from '../../onnx/report/text.js'
import { type CommonFlags, type Context, printJson, withProgress } from '../context.js'
import { chosenModel, defined } from '../flags/model.js'
import { addPrecisionFlags, type PrecisionFlags, precisionOf } from '../flags/precision.js'
import { parseShapes, type Shapes } from '../flags/shapes.js'
import { UsageError } from '../usage.js'
import { saveReport } from '../view/save-report.js'
import { addCommonFlags } from './common.js'

interface OptimizeFlags extends CommonFlags, PrecisionFlags {
  onnx?: string
  output?: string
  target?: 'portable' | 'cpu'
  shapes?: Shapes
  onnxruntime?: string
}

const help = `
Writes the model that build would give to its backend: cleaned up, and in the precision that is asked for. The portable form is
plain ONNX that TensorRT 10, 11, RTX and trtexec take; int8 ranges travel in its metadata. The model runs on the CPU meanwhile.

Example:
  $ tensorrt-node optimize model.onnx -o clean.onnx
  $ tensorrt-node optimize model.onnx -o fp16.onnx --fp16 --report fp16.html
  $ tensorrt-node optimize model.onnx -o int8.onnx --int8 --calib pictures/ --calibMean 0.485,0.456,0.406 \\
      --calibStd 0.229,0.224,0.225 --minCosine 0.99`

export function addOptimize(program: Command, context: Context): void {
  const command = program
    .command('optimize')
    .description('write an ONNX model in another precision, or cleaned up, as ONNX')
    .argument('[model]', '.onnx file; or name it with --onnx')
    .option('--onnx <file>', 'the ONNX model')
    .option('-o, --output <file>', 'write the model here')
    .addOption(new Option('--precision <name>', 'the same as one of the flags below (default: fp32)').choices(precisions.slice(1)))
    .addOption(
      new Option('--target <name>', "portable ONNX, or the form for ONNX Runtime's CPU kernels (default: portable)").choices([
        'portable',
        'cpu',
      ]),
    )
    .addOption(
      new Option('--shapes <spec>', 'of inputs with free dimensions, for trial runs: x:1x3x48x320').argParser((text) =>
        parseShapes('--shapes', text),
      ),
    )
    .option(
      '--onnxruntime <path>',
      "ONNX Runtime's library, or its folder (default: TENSORRT_NODE_ONNXRUNTIME, else the installed package)",
    )
  addCommonFlags(addPrecisionFlags(command))
    .addHelpText('after', help)
    .action((model: string | undefined, flags: OptimizeFlags) => run(model, flags, context))
}

async function run(model: string | undefined, flags: OptimizeFlags, context: Context): Promise<void> {
  const { file } = chosenModel(model, defined({ onnx: flags.onnx }))
  if (flags.output === undefined) throw new UsageError('Expected --output (or -o): say where the model goes.')
  const began = context.clock.now()
  const { target, onnxruntime, shapes } = flags
  const precision = await precisionOf(flags, file, context.signal)
  const options = { ...precision, ...defined({ target, onnxruntime }), ...(shapes && { shapes: Object.fromEntries(shapes) }) }
  const { model: bytes, report } = await withProgress(context, flags, 'optimizing', (progress) =>
    optimize(file, {
      ...options,
      signal: context.signal,
      onProgress: ({ phase, done }) => progress.update(`optimizing: ${phase}`, done),
    }),
  )
  await writeAtomically(flags.output, [bytes])
  if (flags.report !== undefined) await saveReport(report, flags.report, file)
  const elapsedMs = Math.round(context.clock.now() - began)
  if (flags.json) return printJson(context, { saved: flags.output, elapsedMs, report })
  context.out(`Written in ${formatMs(elapsedMs)}: ${flags.output}, ${formatBytes(bytes.byteLength)}.\n${renderReport(report)}`)
}
