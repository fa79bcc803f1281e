import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** Files under `root/folder`, as sorted paths relative to `root` with forward slashes; none if the folder is missing. */
export function filesUnder(root: string, folder: string, accept: (path: string) => boolean): string[] {
  const start = join(root, folder)
  if (!existsSync(start)) return []
  const found: string[] = []
  for (const entry of readdirSync(start, { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) {
      if (entry.name !== 'node_modules') found.push(...filesUnder(root, path, accept))
    } else if (accept(path)) {
      found.push(path)
    }
  }
  return found.sort()
}
