import { readOnnx } from '../../lib/onnx/graph/read.js'
import { writeOnnx } from '../../lib/onnx/graph/write.js'
import type { OnnxModel } from '../../lib/onnx/graph/types.js'
import { quantize, type Quantized } from '../../lib/onnx/int8/quantize.js'
import { cleanModel } from '../../lib/onnx/passes/clean/clean.js'
import { foldConstants } from '../../lib/onnx/passes/fold-constants.js'
import { liftOpset } from '../../lib/onnx/passes/lift.js'
import type { Runtime, Sample } from '../../lib/onnx/runtime.js'
import type { Outputs, Workload } from './workload.js'

/** What is compared: the file as it came, what the clean-up makes of it, and both forms of int8. */
export interface Subject {
  readonly original: Uint8Array
  readonly cleaned: Uint8Array
  readonly cpu: Uint8Array
  readonly tensorrt: Uint8Array
  readonly report: Quantized['report']
  readonly seconds: number
}

/** As Engine.build does with precision 'int8' and nothing else set. */
export async function subjectOf(workload: Workload, runtime: Runtime, fast: boolean): Promise<Subject> {
  const cleaned = clean(workload.model)
  const start = performance.now()
  const { portable, cpu, report } = await quantize(cleaned, { calibration: workload.calibration, fast, onProgress: show }, runtime)
  const seconds = (performance.now() - start) / 1000
  return { original: workload.model, cleaned: writeOnnx(cleaned), cpu: writeOnnx(cpu), tensorrt: writeOnnx(portable), report, seconds }
}

function clean(model: Uint8Array): OnnxModel {
  return cleanModel(foldConstants(liftOpset(readOnnx(model), 21))).model
}

function show({ phase, done }: { readonly phase: string; readonly done: number }): void {
  if (process.stderr.isTTY) process.stderr.write(done === 1 ? '\r\u001b[K' : `\r\u001b[K${phase} ${Math.round(100 * done)} %`)
}

export async function answers(model: Uint8Array, samples: readonly Sample[], runtime: Runtime): Promise<Outputs[]> {
  const open = await runtime.open(model, { threads: 2 })
  try {
    const all: Outputs[] = []
    for (const sample of samples) all.push(await open.run(sample))
    return all
  } finally {
    await open.close()
  }
}
