import { join } from 'node:path'
import { TrtError } from '../../core/errors.js'

/** `variables` of native/sources.gypi: what binding.gyp, CMakeLists.txt and this build share. */
export interface Sources {
  addon_sources: string[]
  addon_includes: string[]
  addon_defines: string[]
  addon_flags: string[]
  addon_ldflags: string[]
  /** The linker's version script: which symbols are exported. */
  addon_exports: string
}

/** @throws {TrtError} `TRT_ERR_FILE`: not the file it should be. */
export function parseSources(text: string): Sources {
  const variables = parseVariables(text)
  const list = (key: keyof Sources): string[] => {
    const value = variables[key]
    if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value
    throw damaged(`"${key}" is no list of texts`)
  }
  const exports = variables['addon_exports']
  if (typeof exports !== 'string') throw damaged('"addon_exports" is no text')
  return {
    addon_exports: exports,
    addon_sources: list('addon_sources'),
    addon_includes: list('addon_includes'),
    addon_defines: list('addon_defines'),
    addon_flags: list('addon_flags'),
    addon_ldflags: list('addon_ldflags'),
  }
}

function parseVariables(text: string): Record<string, unknown> {
  try {
    const parsed = JSON.parse(text) as { variables?: Record<string, unknown> } | null
    return parsed?.variables ?? {}
  } catch (error) {
    throw damaged((error as Error).message)
  }
}

function damaged(reason: string): TrtError {
  return new TrtError('TRT_ERR_FILE', `native/sources.gypi of this package cannot be used: ${reason}. Install the package again.`, {
    reason,
  })
}

export interface BuildPlace {
  /** Of the package. */
  root: string
  /** For object files: new and empty. */
  objects: string
  /** Of Node-API and node-addon-api. */
  headers: readonly string[]
  /** The library to write. */
  output: string
}

export interface CompilerCall {
  /** The source file, or the library. */
  label: string
  arguments: string[]
}

export interface BuildPlan {
  /** Independent of each other. */
  compile: CompilerCall[]
  /** After all of them. */
  link: CompilerCall
}

/** The calls of the C++ compiler that make the addon; needs neither Python nor make. */
export function planBuild(sources: Sources, place: BuildPlace): BuildPlan {
  const includes = [...sources.addon_includes.map((directory) => join(place.root, directory)), ...place.headers]
  const common = [
    ...sources.addon_flags,
    '-fPIC',
    '-pthread',
    ...sources.addon_defines.map((define) => `-D${define}`),
    ...includes.map((directory) => `-I${directory}`),
  ]
  const objects: string[] = []
  const compile = sources.addon_sources.map((source, index) => {
    // Numbered: two folders may have a file of the same name.
    const object = join(place.objects, `${index}.o`)
    objects.push(object)
    return { label: source, arguments: [...common, '-c', join(place.root, source), '-o', object] }
  })
  const script = `-Wl,--version-script=${join(place.root, sources.addon_exports)}`
  // -s: no symbol table; a stack trace names what is exported, as in the published binary.
  const link = ['-shared', '-s', ...objects, ...sources.addon_ldflags, script, '-o', place.output]
  return { compile, link: { label: 'linking', arguments: link } }
}
