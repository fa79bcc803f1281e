import type { Command } from 'commander'
import { formatMs, formatNumber, plural } from '../../core/text-format.js'
import { renderTable } from '../../core/text-table.js'
import { readWhole, writeAtomically } from '../../engine/files.js'
import { type Calibrated, calibrate } from '../../engine/precision/calibrate.js'
import { cpuRuntime } from '../../engine/precision/runtime.js'
import { methodName } from '../../onnx/calibration/choose-method.js'
import { importTable } from '../../onnx/calibration/import-table.js'
import { writeTable } from '../../onnx/calibration/table-text.js'
import { readOnnx } from '../../onnx/graph/read.js'
import { inspectModel } from '../../onnx/inspect.js'
import { type CommonFlags, type Context, note, printJson, withProgress } from '../context.js'
import {
  addCalibrationFlags,
  addCalibrationMethodFlags,
  type CalibrationFlags,
  type CalibrationMethodFlags,
  calibrationSamples,
} from '../flags/calibration.js'
import { chosenModel, defined } from '../flags/model.js'
import { integerFlag } from '../flags/numbers.js'
import { UsageError } from '../usage.js'
import { addCommonFlags } from './common.js'

interface CalibrateFlags extends CommonFlags, CalibrationFlags, CalibrationMethodFlags {
  onnx?: string
  output?: string
  onnxruntime?: string
  threads?: number
  memory?: number
  calibCache?: string
}

const help = `
Runs the model on the CPU and writes the range of each value, as text: what an int8 build is made from. The samples are walked through
once, and memory does not depend on how many they are. Pictures are decoded by the package sharp; of an .npz archive the arrays are named
as the inputs. A sample that gives a NaN or an infinity is left out, and counted.
auto compares percentile 99.999 and 99.99, mse, minmax and entropy by the outputs on samples that are held out, one of four.

Example:
  $ tensorrt-node calibrate model.onnx --calib pictures/ --calibMean 0.485,0.456,0.406 --calibStd 0.229,0.224,0.225 -o model.calib
  $ tensorrt-node calibrate model.onnx --calibCache trt.cache -o model.calib
  $ tensorrt-node calibrate model.onnx --calib recorded.npz --calibRows 1 --calibMethod percentile -o model.calib`

export function addCalibrate(program: Command, context: Context): void {
  const command = program
    .command('calibrate')
    .description('find the ranges of the values in an ONNX model, for int8')
    .argument('[model]', '.onnx file; or name it with --onnx')
    .option('--onnx <file>', 'the ONNX model')
    .option('-o, --output <file>', 'write the calibration here')
  addCalibrationMethodFlags(addCalibrationFlags(command))
    .option('--calibCache <file>', "instead of data: TensorRT's calibration cache, or a calibration, for what the model has of it")
    .option(
      '--threads <n>',
      "ONNX Runtime's threads inside of one run; 0: one for each core (default: 1)",
      integerFlag('--threads', 0, 1024),
    )
    .option(
      '--memory <MiB>',
      'of values at a time: more of them are looked at in groups, in several runs (default: 512)',
      integerFlag('--memory', 1),
    )
    .option(
      '--onnxruntime <path>',
      "ONNX Runtime's library, or its folder (default: TENSORRT_NODE_ONNXRUNTIME, else the installed package)",
    )
  addCommonFlags(command)
    .addHelpText('after', help)
    .action((model: string | undefined, flags: CalibrateFlags) => run(model, flags, context))
}

async function run(model: string | undefined, flags: CalibrateFlags, context: Context): Promise<void> {
  const { file } = chosenModel(model, defined({ onnx: flags.onnx }))
  if (flags.output === undefined) throw new UsageError('Expected --output (or -o): say where the calibration goes.')
  const { signal } = context
  const began = context.clock.now()
  const { bytes } = await readWhole(file, signal)
  if (flags.calibCache !== undefined) return convert(bytes, { cache: flags.calibCache, output: flags.output }, flags, context)
  const samples = await calibrationSamples(flags, inspectModel(bytes).inputs)
  const runtime = cpuRuntime(defined({ onnxruntime: flags.onnxruntime, signal }))
  const options = defined({ method: flags.calibMethod, percentile: flags.percentile, threads: flags.threads })
  const result = await withProgress(context, flags, 'calibrating', (progress) =>
    calibrate(bytes, samples, runtime, {
      ...options,
      ...(flags.memory !== undefined && { memoryBytes: flags.memory * 2 ** 20 }),
      signal,
      onProgress: ({ samples: done, total }) =>
        progress.update(`calibrating: ${plural(done, 'sample')}`, total === null ? null : done / total),
    }),
  )
  await writeAtomically(flags.output, [Buffer.from(writeTable(result.table))])
  for (const warning of result.warnings) note(context, flags, warning)
  tell(result, { output: flags.output, elapsedMs: Math.round(context.clock.now() - began) }, flags, context)
}

async function convert(
  model: Uint8Array,
  { cache, output }: { cache: string; output: string },
  flags: CalibrateFlags,
  context: Context,
): Promise<void> {
  if (flags.calib !== undefined || flags.calibMethod !== undefined)
    throw new UsageError('Expected --calibCache alone, or --calib with its flags: ranges come from one or the other.')
  const { bytes } = await readWhole(cache, context.signal)
  const { table, unknown } = importTable(Buffer.from(bytes).toString('utf8'), readOnnx(model).graph, cache)
  await writeAtomically(output, [Buffer.from(writeTable(table))])
  if (flags.json) return printJson(context, { saved: output, method: methodName(table), tensors: table.tensors.size, unknown })
  if (unknown.length > 0)
    note(
      context,
      flags,
      `${plural(unknown.length, 'name')} in ${cache} left out, which the model does not have: ${unknown.slice(0, 5).join(', ')}.`,
    )
  context.out(`${plural(table.tensors.size, 'range')} taken from ${cache}: ${output}.\n`)
}

function tell(
  { table, methods, heldOut, warnings }: Calibrated,
  done: { output: string; elapsedMs: number },
  flags: CommonFlags,
  context: Context,
): void {
  const { samples, dropped, tensors } = table
  const method = methodName(table)
  if (flags.json) {
    printJson(context, {
      saved: done.output,
      elapsedMs: done.elapsedMs,
      method,
      samples,
      dropped,
      tensors: tensors.size,
      heldOut,
      methods,
      warnings,
    })
    return
  }
  const head = `${plural(tensors.size, 'tensor')} calibrated on ${plural(samples, 'sample')} by ${method} in ${formatMs(done.elapsedMs)}: ${done.output}.\n`
  if (methods.length === 0) return context.out(head)
  const rows = methods.map(({ method: name, error, chosen }) => [name, formatNumber(error), chosen ? 'chosen' : ''])
  const compared = renderTable([['method', 'error', ''], ...rows], { left: [0, 2] })
  context.out(`${head}Noise over signal in what the last layers give, on ${plural(heldOut, 'sample')} held out:\n${compared}`)
}
