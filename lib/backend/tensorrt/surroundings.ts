import { readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import type { Surroundings } from './places.js'

/** This machine, as the search for NVIDIA's libraries reads it. */
export function readSurroundings(): Surroundings {
  return { env: process.env, arch: process.arch, home: homedir(), list: listDirectory }
}

export function listDirectory(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}
