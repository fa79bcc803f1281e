import { simulator } from '../../test/support/simulator.js'
import { table } from '../support/table.js'
import { type deviceEngine, echoSession, row } from './session.js'

export type Calls = Readonly<Record<string, number>>

const runs = 1000
const warmUp = 50

/** Calls of CUDA for each run once all is warm, one run at a time, with buffers of `alloc` in and out. */
export async function callsPerRun(engine: Awaited<ReturnType<typeof deviceEngine>>, cudaGraph: boolean): Promise<Calls> {
  await using session = await echoSession(engine, { backendOptions: { cudaGraph: cudaGraph ? '1' : '0' } })
  const [x, y] = [session.alloc('x', [1, row]), session.alloc('y', [1, row])]
  for (let i = 0; i < warmUp; i++) await session.run({ x }, { into: { y } })
  simulator.resetCounters()
  for (let i = 0; i < runs; i++) await session.run({ x }, { into: { y } })
  const counted = Object.entries(simulator.calls()).filter(([name]) => name.startsWith('cuda'))
  return Object.fromEntries(counted.map(([name, count]) => [name, count / runs]))
}

export const total = (calls: Calls): number => Object.values(calls).reduce((sum, count) => sum + count, 0)

export function callsTable(plain: Calls, graph: Calls): string {
  const names = [...new Set([...Object.keys(plain), ...Object.keys(graph)])].sort()
  const cell = (calls: Calls, name: string) => (calls[name] ?? 0).toFixed(2)
  const rows = names.map((name) => [name, cell(plain, name), cell(graph, name)])
  return table(['CUDA calls a run', 'plain', 'graph'], [...rows, ['all', total(plain).toFixed(2), total(graph).toFixed(2)]])
}
