/** Type tests of the batcher: it takes and gives what its session does. Nothing here runs. */
import { MicroBatcher, type Runner, type Session, type Tensor } from '../../lib/index.js'

interface Model {
  inputs: { x: 'float32' }
  outputs: { y: 'float32'; ids: 'int64' }
}

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const same = <A, B>(yes: Same<A, B>) => yes

declare const typed: Session<Model>
declare const loose: Session
const x = new Float32Array(4)

export async function typedByItsSession(): Promise<void> {
  const batcher = new MicroBatcher(typed, { slo: 30 })
  const { y, ids } = await batcher.run({ x }, { deadline: 5, priority: 1 })
  same<typeof y, Tensor<'float32', readonly number[]>>(true)
  same<typeof ids.data, BigInt64Array>(true)
  // @ts-expect-error a misspelt input
  await batcher.run({ X: x })
  // @ts-expect-error the wrong array
  await batcher.run({ x: new Float64Array(4) })
  const outputs = await new MicroBatcher([typed, typed]).run({ x })
  // @ts-expect-error an output that the model does not have
  same<typeof outputs.z, unknown>(true)
}

// @ts-expect-error a misspelt option
export const misspelt = () => new MicroBatcher(typed, { sloo: 30 })

export async function anythingElse(runner: Runner): Promise<void> {
  const batcher = new MicroBatcher(loose)
  const { y } = await batcher.run({ x })
  y!.data.fill(0)
  const over: Runner = new MicroBatcher(runner, { lanes: 2 })
  await over.run({ x })
}
