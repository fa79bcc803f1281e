import type { Family } from '../../backend/tensorrt/places.js'
import type { BackendReport, Diagnosis, LibraryReport } from '../../doctor/diagnosis.js'
import { families } from '../../doctor/libraries.js'
import { renderTable } from '../../core/text-table.js'

/** The report for people: facts, libraries with what was tried, and the verdict as the last lines. */
export function renderDiagnosis(diagnosis: Diagnosis): string {
  const { verdict } = diagnosis
  const command = verdict.command === null ? '' : `To mend it, run: ${verdict.command}\n`
  return [
    renderTable(factRows(diagnosis), { left: [0, 1] }),
    ...families.map((family) => renderFamily(family, diagnosis)),
    `${verdict.usable ? 'OK' : 'NOT USABLE'}: ${verdict.summary}\n${command}`,
  ].join('\n')
}

const titles: Readonly<Record<Family, string>> = {
  driver: 'NVIDIA driver',
  cuda: 'CUDA',
  tensorrt: 'TensorRT',
  'tensorrt-rtx': 'TensorRT-RTX',
}

function renderFamily(family: Family, { libraries, cuda }: Diagnosis): string {
  const own = libraries.filter((library) => library.family === family)
  const devices = family === 'cuda' && cuda !== null ? `  devices: ${cuda.error ?? `${cuda.devices} answer`}\n` : ''
  return `${titles[family]}\n${own.map(renderLibrary).join('')}${devices}${renderSearched(own)}`
}

function factRows(diagnosis: Diagnosis): string[][] {
  const { node, libc, environment, addon, onnxRuntime, nvidiaDevices, kernelDriver } = diagnosis
  return [
    ['tensorrt-node', `${diagnosis.package.version} in ${diagnosis.package.root}`],
    ['Node', `${node.version}, Node-API ${node.napi}, ABI ${node.abi}`],
    ['platform', `${node.platform}-${node.arch}, ${libc.name} ${libc.version}, ${diagnosis.os}`],
    ['addon', addon.error ?? `${addon.path} (Node-API ${addon.napiVersion}; ${addon.buildInfo})`],
    ['ONNX Runtime', onnxRuntime.error ?? `${onnxRuntime.version ?? 'unknown version'} from ${onnxRuntime.origin}: ${onnxRuntime.path}`],
    ...diagnosis.backends.map((backend) => [`backend ${backend.name}`, renderBackend(backend)]),
    ...Object.entries(environment).map(([name, value]) => [name, value]),
    ['NVIDIA devices', nvidiaDevices === 0 ? 'none on the PCI bus' : `${nvidiaDevices} on the PCI bus`],
    ['kernel driver', kernelDriver ?? 'not loaded'],
  ]
}

function renderBackend({ usable, canBuild, version, reason, remedy }: BackendReport): string {
  const named = version === null ? '' : `, version ${version}`
  if (usable) return `usable${named}`
  return `${canBuild ? `builds engines${named}, but cannot run them` : 'not usable'}: ${reason ?? 'no reason given'}${remedy === null ? '' : ` (${remedy})`}`
}

function renderLibrary({ name, lookedFor, found, tried }: LibraryReport): string {
  if (found !== null) return `  ${name}: ${found.version ?? 'found'}, ${found.path} (${found.origin})\n`
  const attempts = tried.map(({ path, error }) => `      ${error.includes(path) ? error : `${path}: ${error}`}\n`).join('')
  return `  ${name}: not found (${lookedFor.join(', ')})\n${attempts}`
}

/** Once for a family: its libraries are looked for in the same folders. The driver is the loader's business alone. */
function renderSearched(libraries: readonly LibraryReport[]): string {
  const folders = new Set(libraries.flatMap(({ searched }) => searched))
  return folders.size === 0 ? '' : `  Looked in the system's loader and in ${[...folders].join(', ')}.\n`
}
