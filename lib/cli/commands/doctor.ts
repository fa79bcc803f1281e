import type { Command } from 'commander'
import { diagnose } from '../../doctor/diagnose.js'
import { type CommonFlags, type Context, type End, printJson, withProgress } from '../context.js'
import { exitCodes } from '../usage.js'
import { renderDiagnosis } from '../view/diagnosis.js'
import { addCommonFlags } from './common.js'

const help = `
Looks for everything that inference needs: Node, libc, the native addon, ONNX Runtime, the NVIDIA driver, CUDA's runtime 13
and 12, TensorRT 11 and 10 with parser, plugins and lean runtimes, TensorRT-RTX. Where libraries are looked for, in which
order, and the variables that steer it: docs/tensorrt.md. Each is loaded in a process of its own with a limit of 10 seconds:
one that crashes or hangs, as a driver in trouble does, is a line of the report.

Exit code 0: some backend works here. 1: none does, and the last line is the command that mends it.

Example:
  $ tensorrt-node doctor --json > report.json`

export function addDoctor(program: Command, context: Context, end: End): void {
  addCommonFlags(program.command('doctor').description('say what works here, what is missing and how to mend it'))
    .addHelpText('after', help)
    .action(async (flags: CommonFlags) => {
      const diagnosis = await withProgress(context, flags, 'looking', (progress) =>
        diagnose({ signal: context.signal, onProgress: (label, fraction) => progress.update(label, fraction) }),
      )
      if (flags.json) printJson(context, diagnosis)
      else context.out(renderDiagnosis(diagnosis))
      if (!diagnosis.verdict.usable) end(exitCodes.failed)
    })
}
