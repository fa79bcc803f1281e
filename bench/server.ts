// Question: what does serving over HTTP cost, beside bare servers that only read a body and send it back?
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { scriptedLibrary, scriptedModel } from '../test/support/scripted.js'
import { closedLoop, type Load, type Shot, shot } from './server/load.js'
import type { Ports } from './server/serve.js'
import { type Size, sizes } from './server/sizes.js'
import { runBench } from './support/bench.js'
import { Engine } from './support/product.js'
import { interleave, type Side } from './support/rounds.js'
import { median, ratios, spread } from './support/statistics.js'
import { figure, table } from './support/table.js'

const busy = 16
const octets = { 'content-type': 'application/octet-stream' }

/** The server has the first core for itself, this process the second. */
async function startServer(): Promise<{ child: ChildProcess; ports: Ports }> {
  spawnSync('taskset', ['-a', '-p', '-c', '1', String(process.pid)])
  const script = join(import.meta.dirname, 'server/serve.ts')
  const child = spawn('taskset', ['-c', '0', process.execPath, '--import', 'tsx', script], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const [ports] = (await once(child, 'message')) as [Ports]
  return { child, ports }
}

function binaryShot(port: number, size: Size): Shot {
  const values = Buffer.from(new Float32Array(sizes[size]).fill(0.5).buffer)
  const input = { name: 'x', shape: [1, sizes[size]], datatype: 'FP32', parameters: { binary_data_size: values.length } }
  const head = Buffer.from(JSON.stringify({ inputs: [input], parameters: { binary_data_output: true } }))
  const headers = { ...octets, 'inference-header-content-length': head.length }
  return shot(port, `/v2/models/${size}/infer`, Buffer.concat([head, values]), headers)
}

function jsonShot(port: number, size: Size): Shot {
  const data = Array.from({ length: sizes[size] }, (_, i) => Math.fround(Math.sin(i)))
  const body = Buffer.from(JSON.stringify({ inputs: [{ name: 'x', shape: [1, sizes[size]], datatype: 'FP32', data }] }))
  return shot(port, `/v2/models/${size}/infer`, body, { 'content-type': 'application/json' })
}

const bareShot = (port: number, path: string, size: Size): Shot => shot(port, path, Buffer.alloc(sizes[size] * 4, 1), octets)

/** The same call without a server, one at a time; milliseconds. */
async function inProcess(): Promise<{ p50: (durationMs: number) => Promise<number>; close: () => Promise<void> }> {
  const model = scriptedModel([`input x float32 N,${sizes.small}`, `output y float32 N,${sizes.small}`])
  const engine = await Engine.build(model, { backend: { library: scriptedLibrary } })
  const session = await engine.createSession()
  const x = new Float32Array(sizes.small)
  const p50 = async (durationMs: number) => {
    const times: number[] = []
    for (const end = performance.now() + durationMs; performance.now() < end; ) {
      const began = performance.now()
      await session.run({ x })
      times.push(performance.now() - began)
    }
    return median(times)
  }
  return { p50, close: () => engine.close() }
}

const names = ['small', 'smallFastify', 'big', 'bigHttp', 'bigJson', 'one', 'inProcess'] as const
type Name = (typeof names)[number]

async function measure(durationMs: number, run: (sides: (Side<Load> & { name: Name })[]) => Promise<Record<Name, Load[]>>) {
  const { child, ports } = await startServer()
  const local = await inProcess()
  const looped = (name: Name, target: Shot, inFlight = busy) => ({ name, measure: () => closedLoop(target, inFlight, durationMs) })
  try {
    return await run([
      looped('small', binaryShot(ports.ours, 'small')),
      looped('smallFastify', bareShot(ports.fastify, '/echo', 'small')),
      looped('big', binaryShot(ports.ours, 'big')),
      looped('bigHttp', bareShot(ports.http, '/', 'big')),
      looped('bigJson', jsonShot(ports.ours, 'big'), 2),
      looped('one', binaryShot(ports.ours, 'small'), 1),
      { name: 'inProcess', measure: async () => ({ perSecond: Number.NaN, p50: await local.p50(durationMs), p99: Number.NaN }) },
    ])
  } finally {
    await local.close()
    child.kill()
  }
}

function report(results: Record<Name, Load[]>) {
  const rates = (name: Name) => results[name].map(({ perSecond }) => perSecond)
  const small = spread(ratios(rates('small'), rates('smallFastify')))
  const big = spread(ratios(rates('big'), rates('bigHttp')))
  const json = spread(ratios(rates('big'), rates('bigJson')))
  const added = spread(results.one.map(({ p50 }, round) => p50 - results.inProcess[round]!.p50))
  const middle = (name: Name, key: keyof Load): string => figure(median(results[name].map((load) => load[key])))
  const rows = names.map((name) => [name, middle(name, 'perSecond'), middle(name, 'p50'), middle(name, 'p99')])
  const target = (name: string, value: number, bound: 'at least' | 'at most', limit: number) => ({ name, value, bound, limit }) as const
  return {
    tables: [table(['', 'requests/s', 'p50 ms', 'p99 ms'], rows)],
    targets: [
      target('4 KB: requests/s ÷ bare Fastify', small.median, 'at least', 0.7),
      target('602 KB: requests/s ÷ bare node:http', big.median, 'at least', 0.8),
      target('602 KB: bytes ÷ JSON', json.median, 'at least', 15),
      target('one at a time: p50 over the call in the process, ms', added.median, 'at most', 0.3),
    ],
    summary: {
      smallVsFastify: round(small.median),
      bigVsHttp: round(big.median),
      binaryVsJson: round(json.median),
      addedMs: round(added.median),
    },
    details: { results, spreads: { small, big, json, added } },
  }
}

const round = (value: number): number => Number(value.toPrecision(3))

await runBench({
  name: 'server',
  question:
    'What does serving over HTTP cost, beside bare servers that only read a body and send it back? (server on one core, load on the other)',
  defaults: { rounds: 5, durationMs: 1500 },
  measure: async ({ durationMs }, plan) => report(await measure(durationMs, (sides) => interleave(sides, plan))),
})
