/** The compiler as a source of truth: what it preprocesses, lays out and refuses. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The two names that NVIDIA's headers want of CUDA. */
const cudaStub = 'typedef struct CUstream_st* cudaStream_t;\ntypedef struct CUevent_st* cudaEvent_t;\n'
const standard = ['-std=c++17', '-w']

/** Vtable by class, `namespace::Class` → slots in order, a destructor's two slots as `~`. */
export type Vtables = ReadonlyMap<string, readonly string[]>

export interface Outcome {
  /** Lines the program printed; undefined where it did not compile. */
  readonly lines: readonly string[] | undefined
  readonly errors: readonly string[]
}

/** A temporary folder in which sources are compiled; gone after close(). */
export class Compiler {
  readonly #folder = mkdtempSync(join(tmpdir(), 'check-abi-'))
  readonly #includes: readonly string[]

  constructor(includes: readonly string[]) {
    writeFileSync(join(this.#folder, 'cuda_runtime_api.h'), cudaStub)
    this.#includes = [...includes, this.#folder].flatMap((folder) => ['-I', folder])
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }

  preprocess(source: string, options: readonly string[]): string {
    return this.#must(['-E', '-P', ...options, this.#write('unit.cc', source)])
  }

  /** Lays out every class of the source. Pure slots are made ordinary ones first: g++ does not name them otherwise. */
  vtables(source: string): Vtables {
    const plain = this.preprocess(source, []).replace(/(\)|\bnoexcept|\bconst|\boverride)\s*=\s*0\s*;/g, '$1;')
    const unit = this.#write('layout.ii', plain)
    this.#must(['-fpreprocessed', '-fdump-lang-class', '-c', unit, '-o', join(this.#folder, 'layout.o')])
    const dump = readdirSync(this.#folder).find((name) => name.endsWith('.class'))
    if (dump === undefined) throw new Error('Expected g++ -fdump-lang-class to write a .class file: is it GCC?')
    return parseVtables(readFileSync(join(this.#folder, dump), 'utf8'))
  }

  run(source: string): Outcome {
    const program = join(this.#folder, 'check')
    const { status, stderr } = this.#gcc(['-O0', this.#write('check.cc', source), '-o', program])
    if (status !== 0) return { lines: undefined, errors: compilerErrors(stderr) }
    const { stdout, status: code, signal } = spawnSync(program, { encoding: 'utf8' })
    const errors = code === 0 ? [] : [`the generated check ended with ${signal ?? code}`]
    return { lines: stdout.split('\n').filter((line) => line !== ''), errors }
  }

  #write(name: string, text: string): string {
    const path = join(this.#folder, name)
    writeFileSync(path, text)
    return path
  }

  #must(args: readonly string[]): string {
    const { status, stdout, stderr } = this.#gcc(args)
    if (status !== 0) throw new Error(`g++ ${args.join(' ')} failed:\n${compilerErrors(stderr).join('\n')}`)
    return stdout
  }

  #gcc(args: readonly string[]) {
    const result = spawnSync('g++', [...standard, ...this.#includes, ...args], {
      cwd: this.#folder,
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    })
    if (result.error !== undefined) throw new Error('Expected g++ on the PATH: the check reads its layout dump', { cause: result.error })
    return result
  }
}

function compilerErrors(stderr: string): string[] {
  const errors = stderr.split('\n').filter((line) => /\berror:|undefined reference/.test(line))
  return (errors.length === 0 ? [stderr.trim()] : errors).slice(0, 20).map((line) => line.replace(/^.*?\berror: /, ''))
}

/** Of `-fdump-lang-class`: blocks "Vtable for CLASS", one slot a line from offset 16 on. */
function parseVtables(dump: string): Vtables {
  const tables = new Map<string, readonly string[]>()
  for (const [, name = '', body = ''] of dump.matchAll(/^Vtable for ([^\n]+)\n([\s\S]*?)\n\n/gm)) {
    const slots = [...body.matchAll(/^(\d+) +(?:\(int \(\*\)\(\.\.\.\)\))?(.*)$/gm)]
      .filter((match) => Number(match[1]) >= 16)
      .map((match) => match[2]?.split('::').at(-1)?.trim() ?? '')
    tables.set(
      name.replace(/\bv_\d+_\d+::/g, ''),
      slots.map((slot) => (slot.startsWith('~') || slot === '0' ? '~' : slot)),
    )
  }
  return tables
}
