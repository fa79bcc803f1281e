import type { Command } from 'commander'
import { readWhole, writeAtomically } from '../../engine/files.js'
import { inspectModel } from '../../onnx/inspect.js'
import { modelTypes } from '../../onnx/types.js'
import { type CommonFlags, type Context, note, printJson } from '../context.js'
import { addCommonFlags } from './common.js'

interface TypesFlags extends CommonFlags {
  output?: string
  name: string
}

const help = `
With the interface, the compiler checks the names and element types of inputs and outputs:
  import type { Model } from './model.js'
  const engine = await Engine.load<Model>('model.engine')

Example:
  $ tensorrt-node types model.onnx -o model.d.ts`

export function addTypes(program: Command, context: Context): void {
  const command = program.command('types').description("write a TypeScript declaration of a model's inputs and outputs")
  addCommonFlags(command.argument('<model>', '.onnx file'))
    .option('-o, --output <file>', 'where to write it (default: standard output)')
    .option('--name <name>', 'name of the interface', 'Model')
    .addHelpText('after', help)
    .action(async (model: string, flags: TypesFlags) => {
      const { bytes } = await readWhole(model, context.signal)
      const text = modelTypes(inspectModel(bytes), flags.name)
      if (flags.output !== undefined) await writeAtomically(flags.output, [Buffer.from(text)])
      if (flags.json) printJson(context, { name: flags.name, output: flags.output ?? null, text })
      else if (flags.output === undefined) context.out(text)
      else note(context, flags, `Wrote ${flags.output}.`)
    })
}
