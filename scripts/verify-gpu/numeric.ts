/**
 * The same inputs through the CPU backend and through the device, output by output.
 * Usage: node --import tsx scripts/verify-gpu/numeric.ts CONTEXT (JSON of StepContext); the last line is an Outcome.
 */
import { Engine, type Outputs } from '../../lib/index.js'
import type { BuildOptions } from '../../lib/index.js'
import { type StepContext, contextOf, tell } from './context.js'
import { type Answer, difference, type Difference } from './compare.js'
import { type Case, casesFor, inputsOf } from './models.js'
import type { Outcome } from './schema.js'

interface Row {
  model: string
  output: string
  tolerance: string
  result: Difference | null
  /** Why there is no result. */
  error: string | null
  buildMs: number
}

async function runOn(each: Case, options: BuildOptions): Promise<{ outputs: Outputs; buildMs: number }> {
  const begun = performance.now()
  await using engine = await Engine.build(each.bytes(), { ...options, shapes: each.shapes })
  const buildMs = performance.now() - begun
  await using session = await engine.createSession({ lanes: 1 })
  return { outputs: await session.run(inputsOf(each)), buildMs }
}

async function compareCase(each: Case, context: StepContext): Promise<Row[]> {
  const row = (rest: Partial<Row>): Row => ({
    model: each.name,
    output: '',
    tolerance: describe(each),
    result: null,
    error: null,
    buildMs: 0,
    ...rest,
  })
  try {
    const want = await runOn(each, { backend: 'cpu' })
    const got = await runOn(each, { backend: context.backend, cacheDir: context.cacheDir, isolate: !context.quick })
    return Object.entries(want.outputs).map(([output, tensor]) =>
      row({ output, buildMs: got.buildMs, result: difference(got.outputs[output] as Answer, tensor as Answer, each.tolerance) }),
    )
  } catch (error) {
    return [row({ error: (error as Error).message })]
  }
}

const describe = ({ tolerance: { range, cosine } }: Case) => (range === 0 ? 'exact' : `${range} of the range, cosine ${cosine}`)

/** Pure. */
function outcome(rows: readonly Row[], leftOut: readonly string[]): Outcome {
  const wrong = rows.filter(({ result }) => result?.ok !== true)
  const good = rows.length - wrong.length
  const missing = leftOut.length === 0 ? '' : `; no time for ${leftOut.join(', ')}`
  return {
    status: wrong.length === 0 && leftOut.length === 0 && rows.length > 0 ? 'passed' : 'failed',
    summary: `${good} of ${rows.length} outputs agree with the CPU${missing}`,
    tables: [
      {
        title: 'Device against CPU',
        columns: ['model', 'output', 'tolerance', 'largest error', 'of the range', 'cosine', 'build ms', ''],
        rows: rows.map(({ model, output, tolerance, result, error, buildMs }) => [
          model,
          output,
          tolerance,
          result === null ? '' : figure(result.maxAbs),
          result === null ? '' : figure(result.ofRange),
          result === null ? '' : result.cosine.toFixed(7),
          buildMs.toFixed(0),
          error ?? result?.problem ?? (result?.ok === true ? 'ok' : 'TOO FAR'),
        ]),
      },
    ],
    details: { rows, leftOut },
  }
}

const figure = (value: number) => (value === 0 ? '0' : value.toExponential(2))

async function main(): Promise<void> {
  const context = contextOf(process.argv[2])
  const cases = casesFor(context.models)
  const rows: Row[] = []
  let next = 0
  // A model that would not be done in time costs the whole table: better to say which were left out.
  for (; next < cases.length && performance.now() < context.softLimitMs; next++) rows.push(...(await compareCase(cases[next]!, context)))
  tell(
    outcome(
      rows,
      cases.slice(next).map(({ name }) => name),
    ),
  )
}

await main()
