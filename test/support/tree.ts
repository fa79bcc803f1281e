import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface Tree extends Disposable {
  root: string
}

/** A temporary folder with these files; `modules` links the repository's node_modules into it. Removed by `using`. */
export function makeTree(files: Readonly<Record<string, string>>, { modules = false } = {}): Tree {
  const root = mkdtempSync(join(tmpdir(), 'tensorrt-node-tree-'))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  if (modules) symlinkSync(fileURLToPath(new URL('../../node_modules', import.meta.url)), join(root, 'node_modules'))
  return { root, [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }) }
}
