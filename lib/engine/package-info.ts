import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../backend/addon.js'

const { name, version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { name: string; version: string }

/** `0.1.0` */
export const packageVersion = version

/** `tensorrt-node@0.1.0` */
export const packageId = `${name}@${version}`
