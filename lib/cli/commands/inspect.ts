import type { Command } from 'commander'
import { type CommonFlags, type Context, printJson } from '../context.js'
import { inspectFile } from '../inspect/inspect-file.js'
import { renderInspection } from '../view/inspection.js'
import { addCommonFlags } from './common.js'

const help = `
Reads an ONNX model, an engine file of this package, or tells what else the file is. Loads no backend.
With --verbose, all operators and the whole metadata of a model.

Example:
  $ tensorrt-node inspect model.onnx
  $ tensorrt-node inspect model.engine --json`

export function addInspect(program: Command, context: Context): void {
  addCommonFlags(program.command('inspect').description('say what a model or engine file holds').argument('<file>', '.onnx or engine file'))
    .addHelpText('after', help)
    .action(async (file: string, flags: CommonFlags) => {
      const inspection = await inspectFile(file, context.signal)
      if (flags.json) printJson(context, inspection)
      else context.out(renderInspection(inspection, { verbose: flags.verbose === true }))
    })
}
