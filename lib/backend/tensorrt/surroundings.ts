import { readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import type { Surroundings } from './places.js'

/** This machine, as the search for NVIDIA's libraries reads it: each directory once, since several libraries lie in the same. */
export function readSurroundings(): Surroundings {
  const known = new Map<string, string[]>()
  const list = (directory: string) => {
    const names = known.get(directory) ?? listDirectory(directory)
    known.set(directory, names)
    return names
  }
  return { env: process.env, arch: process.arch, home: homedir(), list }
}

export function listDirectory(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}
