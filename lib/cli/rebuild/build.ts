import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { TrtError } from '../../core/errors.js'
import { call, type Compiler } from './compiler.js'
import { type CompilerCall, parseSources, planBuild } from './plan.js'

export interface RebuildOptions {
  /** Of the package. */
  root: string
  compiler: Compiler
  /** Checks a finished library before it takes the place of the old one; throws to refuse it. */
  accept: (library: string) => Promise<void>
  onProgress: (label: string, fraction: number) => void
  signal: AbortSignal
}

/**
 * Compiles the addon from the sources in the package, one compiler process per core, and puts it where the loader looks
 * first. The file appears by rename, so that a failed or interrupted build leaves what was there.
 *
 * @returns The path of the library.
 * @throws {TrtError} `TRT_ERR_ADDON` with what the compiler said; `TRT_ERR_FILE`: the package's folder is read-only.
 */
export async function rebuild(options: RebuildOptions): Promise<string> {
  const target = join(options.root, 'build', 'Release', 'tensorrt_node.node')
  const work = makeWorkFolder(dirname(target))
  try {
    const output = join(work, 'tensorrt_node.node')
    await compile(options, work, output)
    options.onProgress('loading it', 1)
    await options.accept(output)
    renameSync(output, target)
    return target
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

function makeWorkFolder(parent: string): string {
  try {
    mkdirSync(parent, { recursive: true })
    return mkdtempSync(join(parent, 'rebuild-'))
  } catch (cause) {
    const reason = (cause as Error).message
    const message = `The addon cannot be written into the installed package: ${reason}. Run this as the user who owns the package's folder.`
    throw new TrtError('TRT_ERR_FILE', message, { folder: parent }, { cause })
  }
}

async function compile(options: RebuildOptions, objects: string, output: string): Promise<void> {
  const { root, signal } = options
  const sources = parseSources(readFileSync(join(root, 'native', 'sources.gypi'), 'utf8'))
  const plan = planBuild(sources, { root, objects, output, headers: headerFolders(root) })
  const steps = plan.compile.length + 1
  let done = 0
  const step = async (item: CompilerCall, stop: AbortSignal) => {
    options.onProgress(item.label, done / steps)
    await runCompiler(options.compiler, item, stop)
    options.onProgress(item.label, ++done / steps)
  }
  await inParallel(plan.compile, signal, step)
  await step(plan.link, signal)
}

/** One call per core; the first failure stops the others. */
async function inParallel(
  calls: readonly CompilerCall[],
  signal: AbortSignal,
  step: (item: CompilerCall, stop: AbortSignal) => Promise<void>,
): Promise<void> {
  const failure = new AbortController()
  const stop = AbortSignal.any([signal, failure.signal])
  const queue = [...calls]
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await step(item, stop)
  }
  const guarded = () => worker().catch((error: unknown) => failure.abort(error))
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), calls.length) }, guarded))
  if (failure.signal.aborted) throw failure.signal.reason
}

async function runCompiler(compiler: Compiler, item: CompilerCall, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  const { code, output } = await call(compiler.program, item.arguments, signal)
  if (code === 0) return
  const message = `The C++ compiler (${compiler.version}) failed at ${item.label}. C++17 is needed: g++ 8 or later, or clang++ 7 or later.\n${output.trim()}`
  throw new TrtError('TRT_ERR_ADDON', message, { compiler: compiler.program, source: item.label, exitCode: code })
}

/** Folders of napi.h and node_api.h, from the packages that bring them. */
function headerFolders(root: string): string[] {
  const require = createRequire(join(root, 'package.json'))
  const folder = (name: string) => {
    try {
      return dirname(require.resolve(`${name}/package.json`))
    } catch (cause) {
      throw new TrtError(
        'TRT_ERR_ADDON',
        `The package ${name} is missing; the addon is built with its headers. Run: npm install ${name}`,
        { name },
        { cause },
      )
    }
  }
  return [folder('node-addon-api'), join(folder('node-api-headers'), 'include')]
}
