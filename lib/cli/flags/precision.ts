import { type Command, Option } from 'commander'
import { readWhole } from '../../engine/files.js'
import type { Precision, PrecisionOptions } from '../../engine/precision/options.js'
import { inspectModel } from '../../onnx/inspect.js'
import type { PreprocessOptions } from '../../onnx/passes/preprocess-options.js'
import { UsageError } from '../usage.js'
import {
  addCalibrationFlags,
  addCalibrationMethodFlags,
  type CalibrationFlags,
  type CalibrationMethodFlags,
  calibrationSamples,
} from './calibration.js'
import { numberFlag } from './numbers.js'

/** What a model is to compute in. */
export interface PrecisionFlags extends CalibrationFlags, CalibrationMethodFlags {
  precision?: Precision
  fp16?: boolean
  bf16?: boolean
  int8?: boolean
  best?: boolean
  minCosine?: number
  maxOutputError?: number
  exclude?: readonly string[]
  keepIOTypes?: boolean
  fast?: boolean
  preprocess?: PreprocessOptions
  report?: string
}

const precision = (flag: string, text: string) => new Option(flag, text).helpGroup('Precision:')

/** As trtexec, ModelOpt and ONNX Runtime's tools call them, where they do. */
export function addPrecisionFlags(command: Command): Command {
  command
    .addOption(precision('--fp16', 'compute in float16 wherever that is safe; with --int8: what int8 leaves'))
    .addOption(precision('--bf16', 'compute in bfloat16'))
    .addOption(precision('--int8', 'compute in int8; needs --calib'))
    .addOption(precision('--best', 'int8 and float16 with --calib, else float16'))
    .addOption(precision('--minCosine <x>', "least mean cosine of each output with FP32's").argParser(numberFlag('--minCosine', 0, 1)))
    .addOption(
      precision('--maxOutputError <x>', "int8: largest difference of an output element from FP32's").argParser(
        numberFlag('--maxOutputError', 0, 1e30),
      ),
    )
    .addOption(precision('--exclude <list>', 'nodes or operators that stay float32; * stands for any characters').argParser(listOf))
    .addOption(precision('--keepIOTypes <yes|no>', 'inputs and outputs stay float32 (default: yes)').argParser(yesOrNo))
    .addOption(precision('--fast', 'int8: speed before fidelity'))
    .addOption(
      precision(
        '--preprocess <json>',
        'put the preparation of pictures into the graph: {"layout":"nhwc","type":"uint8","mean":[…],"std":[…],"order":"rgb"}',
      ).argParser(parsePreprocess),
    )
    .addOption(precision('--report <file>', 'what it did and cost: .html, .json, or text'))
  return addCalibrationMethodFlags(addCalibrationFlags(command))
}

/** The options that the flags stand for. @param file Of the model, whose inputs pictures are made for. */
export async function precisionOf(flags: PrecisionFlags, file: string, signal: AbortSignal): Promise<PrecisionOptions> {
  const { minCosine, maxOutputError, exclude, keepIOTypes, fast, preprocess, percentile } = flags
  const chosen = chosenPrecision(flags)
  if ((chosen === 'int8' || chosen === 'int8+fp16') && flags.calib === undefined)
    throw new UsageError(`Expected calibration data for ${chosen}: give --calib, a folder of pictures or of arrays.`)
  const calibration = flags.calib === undefined ? undefined : await samplesOf(flags, file, signal)
  const given = {
    precision: chosen,
    calibration,
    calibrationMethod: flags.calibMethod,
    percentile,
    minCosine,
    maxOutputError,
    exclude,
    keepIOTypes,
    fast,
    preprocess,
  }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}

function chosenPrecision({ precision: named, fp16, bf16, int8, best, calib }: PrecisionFlags): Precision | undefined {
  const flags = Object.entries({ fp16, bf16, int8, best }).flatMap(([name, on]) => (on === true ? [name] : []))
  if (flags.length > 0 && named !== undefined)
    throw new UsageError(`Expected --precision or ${flags.map((name) => `--${name}`).join(', ')}, but received both.`)
  if (flags.length === 0) return named
  const wanted = flags.sort().join('+')
  const known: Readonly<Record<string, Precision>> = { fp16: 'fp16', bf16: 'bf16', int8: 'int8', 'fp16+int8': 'int8+fp16' }
  const found = wanted === 'best' ? (calib === undefined ? 'fp16' : 'int8+fp16') : known[wanted]
  if (found !== undefined) return found
  throw new UsageError(`Expected one of --fp16, --bf16, --int8, --best, or --int8 --fp16, but received --${flags.join(' --')}.`)
}

async function samplesOf(flags: PrecisionFlags, file: string, signal: AbortSignal) {
  const { bytes } = await readWhole(file, signal)
  return calibrationSamples(flags, inspectModel(bytes).inputs)
}

function listOf(text: string): readonly string[] {
  const items = text.split(',')
  if (items.every((item) => item !== '')) return items
  throw new UsageError(`Expected names separated by commas for --exclude but received "${text}".`, { received: text })
}

function yesOrNo(text: string): boolean {
  if (text === 'yes' || text === 'no') return text === 'yes'
  throw new UsageError(`Expected yes or no for --keepIOTypes but received "${text}".`, { received: text })
}

function parsePreprocess(text: string): PreprocessOptions {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    value = null
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw new UsageError(`Expected a JSON object for --preprocess, such as '{"mean":0.5,"std":0.5}', but received ${text}.`, {
    received: text,
  })
}
