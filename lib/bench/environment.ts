import { availableParallelism, cpus, totalmem } from 'node:os'
import { packageId } from '../engine/package-info.js'
import type { Environment } from './report/schema.js'

/** Where it was measured: numbers without it say nothing. Neither the machine's name nor a path. */
export function systemEnvironment(): Environment {
  return {
    package: packageId,
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
  }
}
