import type { TensorType } from '../core/dtypes.js'
import type { Tensor, TensorInput } from '../core/tensor.js'

/** One input or output for the type checker: its type alone, or its shape too, with a name or −1 for each free dimension. */
export type IoType = TensorType | { readonly type: TensorType; readonly shape: readonly (number | string)[] }

/**
 * The names, types and shapes of a model, for the type checker only. `tensorrt-node types model.onnx` writes it.
 *
 * @example interface Model { inputs: { x: 'float32' }; outputs: { y: { type: 'float32'; shape: ['N', 1000] } } }
 */
export interface ModelTypes {
  inputs: { readonly [name: string]: IoType }
  outputs: { readonly [name: string]: IoType }
}

// What is not known must not be in the way: `data` of such a tensor needs no cast. Inputs are still checked, see InputOf.
// oxlint-disable-next-line typescript/no-explicit-any
type Unknown = any

/** An engine whose model the type checker does not know: any names, and arrays of whatever type the caller takes them for. */
export interface AnyModel {
  inputs: { readonly [name: string]: Unknown }
  outputs: { readonly [name: string]: Unknown }
}

type IsAny<D> = 0 extends 1 & D ? true : false

/** Element type; `any` stays what it is, so that `data` can be used without a cast. */
export type TypeOf<D> = D extends infer T extends TensorType ? T : D extends { readonly type: infer T extends TensorType } ? T : never

/** A free dimension (a name or −1) is any number; a fixed one is exact. */
type Dim<D> = D extends number ? (`${D}` extends `-${string}` ? number : D) : number

export type ShapeOf<D> =
  IsAny<D> extends true
    ? readonly number[]
    : D extends { readonly shape: infer S extends readonly unknown[] }
      ? { readonly [I in keyof S]: Dim<S[I]> }
      : readonly number[]

type InputOf<D> = IsAny<D> extends true ? TensorInput : TensorInput<TypeOf<D>, ShapeOf<D>>

export type InputsOf<M extends ModelTypes> = { readonly [K in keyof M['inputs']]: InputOf<M['inputs'][K]> }

export type OutputsOf<M extends ModelTypes, K extends keyof M['outputs'] = keyof M['outputs']> = {
  readonly [N in K]: Tensor<TypeOf<M['outputs'][N]>, ShapeOf<M['outputs'][N]>>
}

/** Memory of the caller for an output: what `session.alloc` gave, or any typed array that is large enough. */
export type IntoOf<M extends ModelTypes> = {
  readonly [K in keyof M['outputs']]?: InputOf<M['outputs'][K]>
}

export type IoOf<M extends ModelTypes, K> = K extends keyof M['inputs']
  ? M['inputs'][K]
  : K extends keyof M['outputs']
    ? M['outputs'][K]
    : never
