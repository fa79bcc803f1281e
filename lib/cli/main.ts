#!/usr/bin/env node
import { processContext } from './context.js'
import { listenForInterrupt } from './interrupt.js'
import { runCommandLine } from './program.js'

// `tensorrt-node inspect … | head` closes our output early: that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

const interrupt = listenForInterrupt()
const code = await runCommandLine(process.argv.slice(2), processContext(interrupt.signal))
interrupt.close()
// Not process.exit(): output that is still on its way to a pipe would be lost.
process.exitCode = interrupt.exitCode() ?? code
