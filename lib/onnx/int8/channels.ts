import type { Tensor } from '../../core/tensor.js'
import type { Observer } from '../calibration/types.js'

/** Largest magnitude of each channel (axis 1) of one tensor over all samples. */
export class ChannelMaxima implements Observer {
  readonly tensors: readonly string[]
  readonly maxima: Float32Array

  constructor(tensor: string, channels: number) {
    this.tensors = [tensor]
    this.maxima = new Float32Array(channels)
  }

  observe(values: ReadonlyMap<string, Tensor>): void {
    const tensor = values.get(this.tensors[0] as string) as Tensor
    const data = tensor.data as Float32Array
    const channels = this.maxima.length
    const inner = tensor.shape.slice(2).reduce((product, dim) => product * dim, 1)
    for (let at = 0, row = 0; at < data.length; at += inner, row++) {
      const c = row % channels
      let max = this.maxima[c] as number
      for (let i = at; i < at + inner; i++) {
        const magnitude = Math.abs(data[i] as number)
        if (magnitude > max) max = magnitude
      }
      this.maxima[c] = max
    }
  }
}
