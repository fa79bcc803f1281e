/**
 * Proves native/tensorrt/abi.h against NVIDIA's own headers: every declared slot and its signature, every enum value,
 * record, exported function and interface version, and since which version each is there. Needs g++; development only.
 * Usage: npm run check:abi [-- --include DIR]…   (default: the crate trtx-sys, fetched by cargo into .cache/)
 *        npm run check:abi -- --fetch             (only that: to tell a registry that cannot be reached from a mismatch)
 * A DIR holds NvInfer.h, or folders that do; NvOnnxParser.h is compared where it stands beside it.
 */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { checkHeaders, describeReport } from './abi/check.js'
import { fetchCrateHeaders } from './abi/crate.js'
import { findHeaderSets } from './abi/headers.js'
import { isMain, repository } from './support/report.js'

export const abiHeader = join(repository, 'native/tensorrt/abi.h')

function main(): void {
  const { values } = parseArgs({ options: { include: { type: 'string', multiple: true }, fetch: { type: 'boolean' } } })
  if (values.fetch === true) return void fetchCrateHeaders()
  const folders = values.include ?? [fetchCrateHeaders()]
  let mismatches = 0
  let checked = 0
  for (const folder of folders) {
    const sets = findHeaderSets(folder)
    if (sets.length === 0) throw new Error(`Expected NvInfer.h in ${folder} or in a folder of it`)
    for (const set of sets) {
      const report = checkHeaders(abiHeader, set)
      console.log(describeReport(report))
      mismatches += report.problems.length
      checked += 1
    }
  }
  console.log(`check-abi: ${checked} header ${checked === 1 ? 'set' : 'sets'}, ${mismatches} mismatches`)
  if (mismatches > 0) process.exitCode = 1
}

if (isMain(import.meta.url)) main()
