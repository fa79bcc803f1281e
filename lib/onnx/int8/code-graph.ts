import { makeNode } from '../graph/nodes.js'
import type { OnnxGraph, OnnxNode } from '../graph/types.js'
import { Weights } from '../graph/weights.js'
import type { CodeScale } from './scales.js'

/**
 * Writes a graph in which values are floats, uint8 codes, or both. Knows for each tensor of the source graph in which forms it
 * is there, and makes the other one when somebody asks for it.
 */
export class CodeGraph {
  readonly nodes: OnnxNode[] = []
  readonly #initializers: Map<string, Weights>
  readonly #names: Set<string>
  readonly #codes = new Map<string, { readonly name: string; readonly scale: CodeScale }>()
  readonly #floats = new Map<string, string>()
  readonly #scaleNames = new Map<string, readonly [string, string]>()
  readonly #scaleOf: (tensor: string) => CodeScale

  /** @param scaleOf The scale for a tensor that becomes codes. */
  constructor(source: OnnxGraph, initializers: Map<string, Weights>, scaleOf: (tensor: string) => CodeScale) {
    this.#initializers = initializers
    this.#scaleOf = scaleOf
    this.#names = new Set([...initializers.keys(), ...source.inputs.map(({ name }) => name)])
    for (const node of source.nodes) for (const name of node.outputs) this.#names.add(name)
  }

  fresh(base: string): string {
    let name = base
    for (let n = 2; this.#names.has(name); n++) name = `${base}_${n}`
    this.#names.add(name)
    return name
  }

  stored(base: string, make: (name: string) => Weights): string {
    const name = this.fresh(base)
    this.#initializers.set(name, make(name))
    return name
  }

  /** Says that a float node has made a tensor of the source, under its own name. */
  hasFloat(tensor: string): void {
    this.#floats.set(tensor, tensor)
  }

  /** Says that a tensor of the source is there as codes. */
  hasCodes(tensor: string, name: string, scale: CodeScale): void {
    this.#codes.set(tensor, { name, scale })
  }

  isCodes(tensor: string): boolean {
    return this.#codes.has(tensor)
  }

  /** The codes of a tensor, made from its floats if need be. */
  codes(tensor: string): { readonly name: string; readonly scale: CodeScale } {
    const known = this.#codes.get(tensor)
    if (known !== undefined) return known
    const scale = this.#scaleOf(tensor)
    const made = { name: this.quantize(this.#floats.get(tensor) ?? tensor, scale, `${tensor}_codes`), scale }
    this.#codes.set(tensor, made)
    return made
  }

  /** The floats of a tensor: one DequantizeLinear for all who want them, under the tensor's own name. */
  float(tensor: string): string {
    const known = this.#floats.get(tensor)
    const codes = this.#codes.get(tensor)
    if (known !== undefined || codes === undefined) return known ?? tensor
    this.#dequantizeTo(codes.name, codes.scale, tensor)
    this.#floats.set(tensor, tensor)
    return tensor
  }

  /** A DequantizeLinear of its own: ONNX Runtime fuses one for each reader. */
  dequantized(tensor: string): string {
    const { name, scale } = this.codes(tensor)
    return this.dequantize(name, scale)
  }

  quantize(value: string, scale: CodeScale, base: string): string {
    const output = this.fresh(base)
    this.nodes.push(makeNode('QuantizeLinear', [value, ...this.#scaleInputs(scale)], [output]))
    return output
  }

  dequantize(codes: string, scale: CodeScale): string {
    const output = this.fresh(`${codes}_float`)
    this.#dequantizeTo(codes, scale, output)
    return output
  }

  #dequantizeTo(codes: string, scale: CodeScale, output: string): void {
    this.nodes.push(makeNode('DequantizeLinear', [codes, ...this.#scaleInputs(scale)], [output]))
  }

  #scaleInputs({ scale, zero }: CodeScale): readonly [string, string] {
    const key = `${scale} ${zero}`
    const known = this.#scaleNames.get(key)
    if (known !== undefined) return known
    const names = [
      this.stored('int8_scale', (name) => Weights.of(name, 'float32', [], Float32Array.of(scale))),
      this.stored('int8_zero', (name) => Weights.of(name, 'uint8', [], Uint8Array.of(zero))),
    ] as const
    this.#scaleNames.set(key, names)
    return names
  }
}
