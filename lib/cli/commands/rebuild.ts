import type { Command } from 'commander'
import { packageRoot } from '../../backend/addon.js'
import { TrtError } from '../../core/errors.js'
import { probe } from '../../doctor/child.js'
import { type CommonFlags, type Context, note, printJson, withProgress } from '../context.js'
import { rebuild } from '../rebuild/build.js'
import { findCompiler } from '../rebuild/compiler.js'
import { formatMs } from '../../core/text-format.js'
import { addCommonFlags } from './common.js'

const LOAD_MS = 30_000
const help = `
Needs a C++17 compiler and nothing else: CXX where it is set, else c++, g++ or clang++. The result is loaded in a process
of its own before it takes its place in build/Release of this package.

Example:
  $ npx tensorrt-node rebuild`

export function addRebuild(program: Command, context: Context): void {
  addCommonFlags(program.command('rebuild').description('compile the native addon for this machine from the sources in this package'))
    .addHelpText('after', help)
    .action(async (flags: CommonFlags) => {
      const began = context.clock.now()
      const compiler = await findCompiler(process.env, context.signal)
      note(context, flags, `Compiling with ${compiler.program} (${compiler.version}).`)
      const path = await withProgress(context, flags, 'compiling', (progress) =>
        rebuild({
          root: packageRoot,
          compiler,
          signal: context.signal,
          accept: requireLoadable,
          onProgress: (label, fraction) => progress.update(label, fraction),
        }),
      )
      const elapsedMs = Math.round(context.clock.now() - began)
      if (flags.json) printJson(context, { path, compiler, elapsedMs })
      else context.out(`Built ${path} in ${formatMs(elapsedMs)}, and it loads.\n`)
    })
}

async function requireLoadable(library: string): Promise<void> {
  const { answer, error } = await probe({ kind: 'addon', path: library }, LOAD_MS)
  if (answer === null)
    throw new TrtError(
      'TRT_ERR_ADDON',
      `The addon was compiled but cannot be loaded: ${error}. Please report this with the output of: npx tensorrt-node doctor`,
      { error },
    )
}
