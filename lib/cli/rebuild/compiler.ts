import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { TrtError } from '../../core/errors.js'

const KEPT_OUTPUT = 8000

export interface CallResult {
  code: number | null
  /** The end of what it wrote to both streams. */
  output: string
}

/** Runs a program to its end. Rejects when it cannot be started; the signal kills it. */
export function call(program: string, argv: readonly string[], signal?: AbortSignal): Promise<CallResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, argv, { stdio: ['ignore', 'pipe', 'pipe'], ...(signal ? { signal } : {}) })
    let output = ''
    const keep = (chunk: unknown) => (output = (output + String(chunk)).slice(-KEPT_OUTPUT))
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, output }))
  })
}

export interface Compiler {
  program: string
  version: string
}

/**
 * `CXX` where it is set, else the first of c++, g++ and clang++ that answers.
 *
 * @throws {TrtError} `TRT_ERR_UNAVAILABLE` with the command that installs one.
 */
export async function findCompiler(env: NodeJS.ProcessEnv, signal?: AbortSignal): Promise<Compiler> {
  const names = env['CXX'] ? [env['CXX']] : ['c++', 'g++', 'clang++']
  const tried: Record<string, string> = {}
  for (const name of names) {
    try {
      const { code, output } = await call(name, ['--version'], signal)
      if (code === 0) return { program: name, version: output.split('\n')[0] ?? '' }
      tried[name] = `exit code ${code}`
    } catch (error) {
      if (signal?.aborted) throw error
      tried[name] = (error as NodeJS.ErrnoException).code ?? String(error)
    }
  }
  const command = installCommand(readOsRelease())
  const listed = Object.entries(tried).map(([name, why]) => `${name} (${why})`)
  throw new TrtError('TRT_ERR_UNAVAILABLE', `No C++ compiler was found; tried ${listed.join(', ')}. Install one with: ${command}`, {
    tried,
    command,
  })
}

/** The command of this Linux distribution that installs a C++ compiler. Keys are IDs of /etc/os-release. */
export function installCommand(osRelease: string): string {
  const commands: Record<string, string> = {
    debian: 'sudo apt-get install -y g++',
    ubuntu: 'sudo apt-get install -y g++',
    alpine: 'apk add g++',
    fedora: 'sudo dnf install -y gcc-c++',
    rhel: 'sudo dnf install -y gcc-c++',
    arch: 'sudo pacman -S --needed gcc',
    suse: 'sudo zypper install -y gcc-c++',
  }
  const value = (key: string) => new RegExp(`^${key}="?([^"\\n]*)"?$`, 'm').exec(osRelease)?.[1] ?? ''
  const ids = `${value('ID')} ${value('ID_LIKE')}`.split(' ')
  const known = ids.find((id) => Object.hasOwn(commands, id))
  return known === undefined ? 'your package manager: g++ 8 or later, or clang++ 7 or later' : (commands[known] as string)
}

function readOsRelease(): string {
  try {
    return readFileSync('/etc/os-release', 'utf8')
  } catch {
    return ''
  }
}
