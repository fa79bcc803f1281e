// Question: what does moving 4.9 MB in and 4.9 MB out cost beside the two memcpys that it takes?
import { identity } from '../test/support/models.js'
import { runBench } from './support/bench.js'
import { loadEcho } from './support/echo.js'
import { loopSide, loopTable, roundRatio } from './support/loops.js'
import { peerSession, peerTensor } from './support/peer.js'
import { cpuSession, scriptedSession, type Session } from './support/product.js'
import { interleave } from './support/rounds.js'

const shape = [1, 3, 640, 640]
const elements = 3 * 640 * 640
const names = {
  plain: 'two memcpys',
  plainFresh: 'two memcpys, into fresh memory',
  staged: 'staged, into a typed array',
  stagedAsleep: 'the same, JS thread asleep meanwhile',
  stagedMany: 'staged, 4 in flight',
  stagedFresh: 'staged, output from the pool',
  locked: 'buffers of alloc',
  cpu: 'CPU backend, Identity',
  peer: 'onnxruntime-node, Identity',
} as const
type Name = (typeof names)[keyof typeof names]
type Operations = Readonly<Record<Name, () => Promise<unknown>>>

/** Staging copies that `operation` made, by the session's own counter. */
async function copiesOf(session: Session, operation: () => Promise<unknown>): Promise<number> {
  const before = session.stats().copies
  await operation()
  return session.stats().copies - before
}

function plainCopies(data: Float32Array, target: Float32Array): Pick<Operations, 'two memcpys' | 'two memcpys, into fresh memory'> {
  const { copy } = loadEcho()
  const staging = new Float32Array(elements)
  const through = async (to: Float32Array): Promise<Float32Array> => {
    copy(data, staging)
    copy(staging, to)
    return to
  }
  return { [names.plain]: () => through(target), [names.plainFresh]: () => through(new Float32Array(elements)) }
}

async function open() {
  // The two copies take 0.2 ms; a halted virtual CPU takes a quarter of that to wake the JS thread.
  const scripted = await scriptedSession(shape, { backendOptions: { stage: '1' }, pollMicros: 1000 })
  const asleep = await scriptedSession(shape, { backendOptions: { stage: '1' } })
  const cpu = await cpuSession(identity('float32', shape), { threads: 1 })
  const peer = await peerSession(identity('float32', shape), { threads: 1 })
  const data = Float32Array.from({ length: elements }, (_, i) => i)
  const target = new Float32Array(elements)
  const { session } = scripted
  const [locked, lockedTarget] = [session.alloc('x'), session.alloc('y')]
  const feeds = { x: peerTensor(data, shape) }
  const operations: Operations = {
    ...plainCopies(data, target),
    [names.staged]: () => session.run({ x: data }, { into: { y: target } }),
    [names.stagedAsleep]: () => asleep.session.run({ x: data }, { into: { y: target } }),
    [names.stagedMany]: () => session.run({ x: data }, { into: { y: target } }), // one lane: they take turns
    [names.stagedFresh]: () => session.run({ x: data }),
    [names.locked]: () => session.run({ x: locked }, { into: { y: lockedTarget } }),
    [names.cpu]: () => cpu.session.run({ x: data }),
    [names.peer]: () => peer.run(feeds),
  }
  const close = async (): Promise<void> => {
    await Promise.all([scripted.close(), asleep.close(), cpu.close(), peer.release()])
  }
  return { session, operations, close, data, target }
}

type Opened = Awaited<ReturnType<typeof open>>

/** What is timed moves every byte, and makes the copies that it should. @returns copies with buffers of alloc. */
async function requireCopies({ session, operations, data, target }: Opened): Promise<number> {
  const copies = await copiesOf(session, operations[names.staged])
  if (copies !== 2 || target.some((value, i) => value !== data[i])) throw new Error(`staged: ${copies} copies, or wrong bytes`)
  const fresh = await copiesOf(session, operations[names.stagedFresh])
  if (fresh !== 2) throw new Error(`staged, output from the pool: ${fresh} copies instead of 2`)
  return await copiesOf(session, operations[names.locked])
}

await runBench({
  name: 'copy',
  question: 'What does moving 4.9 MB in and 4.9 MB out cost beside two memcpys? (float32 [1, 3, 640, 640], one in flight)',
  defaults: { rounds: 15, durationMs: 200 },
  async measure({ durationMs }, plan) {
    const opened = await open()
    const copiesWithAlloc = await requireCopies(opened)
    const sides = Object.values(names).map((name) =>
      loopSide(name, opened.operations[name], { inFlight: name === names.stagedMany ? 4 : 1, durationMs }),
    )
    const results = await interleave(sides, plan)
    await opened.close()
    const ratio = (over: Name, under: Name): number => roundRatio(results[over], results[under], 'p50')
    const staged = ratio(names.staged, names.plain)
    // Time per run without the wake-up of the JS thread after each: a halted virtual CPU takes 50 µs for that.
    const stagedMany = 1 / roundRatio(results[names.stagedMany], results[names.plain], 'perSecond')
    const others = { stagedMany, stagedFresh: ratio(names.stagedFresh, names.plainFresh), cpuToPeer: ratio(names.cpu, names.peer) }
    return {
      tables: [
        loopTable('4.9 MB each way', results),
        `time per run: "${names.stagedMany}" to "${names.plain}" ${stagedMany.toFixed(2)}`,
        `p50: "${names.stagedAsleep}" to "${names.plain}" ${ratio(names.stagedAsleep, names.plain).toFixed(2)}`,
        `p50: "${names.stagedFresh}" to "${names.plainFresh}" ${others.stagedFresh.toFixed(2)}, CPU backend to onnxruntime-node ${others.cpuToPeer.toFixed(2)}`,
      ],
      targets: [
        { name: 'staged: p50 to two memcpys', value: staged, bound: 'at most', limit: 1.15 },
        { name: 'copiesWithAlloc: copies by counter', value: copiesWithAlloc, bound: 'at most', limit: 0 },
      ],
      summary: { staged, copiesWithAlloc },
      details: { results, ...others },
    }
  },
})
