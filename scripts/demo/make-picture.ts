/**
 * Makes the demo's picture, or one of your own text:
 *
 *     node --import tsx scripts/demo/make-picture.ts ["TensorRT in Node 2026"] [scripts/demo/line.png]
 */
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { drawLine } from './draw.js'
import { encodePng } from './picture.js'

const [text = 'TensorRT in Node 2026', file = fileURLToPath(new URL('line.png', import.meta.url))] = process.argv.slice(2)
const picture = drawLine(text)
await writeFile(file, encodePng(picture))
console.log(`${file}: ${picture.width} × ${picture.height}, "${text}"`)
