import { delimiter, resolve } from 'node:path'
import { parseArgs } from 'node:util'

export interface VerifyOptions {
  backend: 'tensorrt' | 'tensorrt-rtx'
  device: number
  /** Folders with CUDA, TensorRT and its parser, searched before all others. */
  libraries: readonly string[]
  onnxruntime: string | null
  /** trtexec's path; null: looked for on the PATH and beside the libraries. */
  trtexec: string | null
  /** null: docs/verified/<gpu>-<date>. */
  out: string | null
  budgetMs: number
  /** Those of the steps that are wanted; empty: all. */
  only: readonly string[]
  /** `small`: the tests' own models alone, which the simulator can run too. */
  models: 'all' | 'small'
  /** Fewer tests, and shorter measurements whose figures mean nothing: to see that everything runs. */
  quick: boolean
}

export const usage = `Checks tensorrt-node on the GPU of this machine, and writes a report (Markdown and JSON).

Usage: npm run verify:gpu -- [options]    or, without npm:    NODE --import tsx scripts/verify-gpu.ts [options]
  --backend NAME        tensorrt (default) or tensorrt-rtx
  --device N            which GPU (default 0)
  --libraries DIR       where libcudart, libnvinfer and the parser lie; may be repeated. Default: the usual search
  --onnxruntime PATH    ONNX Runtime's shared library. Default: the installed package
  --trtexec PATH        default: on the PATH, or bin/ beside --libraries
  --out DIR             default: docs/verified/<gpu>-<date>
  --budget SECONDS      for everything together (default 450)
  --only STEP           may be repeated
  --models all|small    small: the tests' own models alone (default all)
  --quick               fewer tests, and shorter measurements whose figures mean nothing: shows that it runs
  --help`

const flags = {
  backend: { type: 'string', default: 'tensorrt' },
  device: { type: 'string', default: '0' },
  libraries: { type: 'string', multiple: true, default: [] as string[] },
  onnxruntime: { type: 'string' },
  trtexec: { type: 'string' },
  out: { type: 'string' },
  budget: { type: 'string', default: '450' },
  only: { type: 'string', multiple: true, default: [] as string[] },
  models: { type: 'string', default: 'all' },
  quick: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

/** Null: help was asked for. Throws on what is not understood. */
export function parseOptions(args: readonly string[], steps: readonly string[]): VerifyOptions | null {
  const { values } = parseArgs({ args: [...args], options: flags })
  if (values.help) return null
  return {
    backend: oneOf('--backend', values.backend, ['tensorrt', 'tensorrt-rtx']),
    device: whole('--device', values.device, 0),
    libraries: values.libraries.flatMap((each) => each.split(delimiter)).map((each) => resolve(each)),
    onnxruntime: values.onnxruntime === undefined ? null : resolve(values.onnxruntime),
    trtexec: values.trtexec === undefined ? null : resolve(values.trtexec),
    out: values.out === undefined ? null : resolve(values.out),
    budgetMs: whole('--budget', values.budget, 1) * 1000,
    only: values.only.map((name) => oneOf('--only', name, steps)),
    models: oneOf('--models', values.models, ['all', 'small']),
    quick: values.quick,
  }
}

function oneOf<T extends string>(flag: string, value: string, known: readonly T[]): T {
  const found = known.find((each) => each === value)
  if (found === undefined) throw new Error(`${flag} takes one of ${known.join(', ')}; received "${value}"`)
  return found
}

function whole(flag: string, text: string, least: number): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < least) throw new Error(`${flag} takes a whole number from ${least}; received "${text}"`)
  return value
}
