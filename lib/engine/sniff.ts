import { sniff } from '../onnx/sniff.js'
import { parsePlanHeader } from './tensorrt/plan.js'

/** What a file is that was given for an engine, by its first bytes. */
export function sniffEngine(bytes: Uint8Array): { what: string; remedy: string } {
  const plan = planKind(bytes)
  if (plan !== null) return { what: plan, remedy: 'Load it with Engine.load(), on a machine with that library and a GPU.' }
  const known = sniff(bytes)
  if (known !== null) return known
  const hex = Buffer.from(bytes.subarray(0, 8)).toString('hex')
  return {
    what: `data that begins with the bytes ${hex}`,
    remedy: 'Give a file that Engine.save() or `tensorrt-node build` wrote, or an ONNX model.',
  }
}

/** TensorRT's serialized engines begin with these four letters; Ultralytics writes its JSON before them. */
export function planKind(bytes: Uint8Array): string | null {
  const header = parsePlanHeader(bytes)
  return header === null ? null : header.backend === 'tensorrt' ? 'a bare TensorRT plan' : 'a bare TensorRT-RTX plan'
}
