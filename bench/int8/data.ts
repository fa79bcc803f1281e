/**
 * Pictures, fonts and speech for bench:int8, from Debian packages, into .cache/bench-int8 (never committed). Needs apt-get and
 * dpkg-deb; a folder with the packages already there is taken as it is.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** opencv-doc: photographs, scene text (BSD). python3-skimage: photographs (BSD, public domain). mate-backgrounds: photographs. */
const packages = ['opencv-doc', 'python3-skimage', 'mate-backgrounds', 'pocketsphinx-testdata', 'fonts-dejavu-core'] as const

const cache = fileURLToPath(new URL('../../.cache/bench-int8/', import.meta.url))
const archives = join(cache, 'archives')
const root = join(cache, 'root')

/** Makes sure that the data is there. @throws {Error} with what is missing and what to do. */
export function fetchData(): void {
  mkdirSync(archives, { recursive: true })
  for (const name of packages) {
    if (existsSync(join(root, '.done', name))) continue
    if (archiveOf(name) === undefined) download(name)
    execFileSync('dpkg-deb', ['-x', join(archives, archiveOf(name) as string), root])
    mkdirSync(join(root, '.done'), { recursive: true })
    writeFileSync(join(root, '.done', name), '')
  }
  useFonts()
}

function archiveOf(name: string): string | undefined {
  return readdirSync(archives).find((file) => file.startsWith(`${name}_`) && file.endsWith('.deb'))
}

function download(name: string): void {
  console.error(`fetching ${name} …`)
  try {
    execFileSync('apt-get', ['download', '-qq', name], { cwd: archives, stdio: ['ignore', 'ignore', 'pipe'] })
  } catch (error) {
    const reason = String((error as { stderr?: unknown }).stderr ?? (error as Error).message).trim()
    throw new Error(`bench:int8 needs the Debian package ${name}: run apt-get update, or put ${name}_*.deb into ${archives}.\n${reason}`, {
      cause: error,
    })
  }
}

/** sharp draws text with fontconfig, which reads this when sharp is loaded: so sharp is imported after it. */
function useFonts(): void {
  const file = join(cache, 'fonts.conf')
  const fonts = join(root, 'usr/share/fonts')
  writeFileSync(file, `<?xml version="1.0"?><fontconfig><dir>${fonts}</dir><cachedir>${join(cache, 'fonts')}</cachedir></fontconfig>\n`)
  process.env['FONTCONFIG_FILE'] = file
}

const photographFolders = [
  'usr/share/doc/opencv-doc/examples/data',
  'usr/lib/python3/dist-packages/skimage/data',
  'usr/share/backgrounds/mate/nature',
]

/** Candidates, in a fixed order. */
export function pictureFiles(): string[] {
  return photographFolders.flatMap((folder) => filesIn(folder, /\.(jpe?g|png)$/i))
}

/** Photographs of signs and shop fronts: for testing alone. */
export function sceneTextFiles(): string[] {
  return filesIn('usr/share/doc/opencv-doc/examples/text', /^scenetext0\d\.jpg$/)
}

/** 16 kHz, 16 bits, one channel; .wav with a header of 44 bytes, .raw without. */
export function speechFiles(): string[] {
  const folders = ['', 'cards', 'librivox'].map((name) => join('usr/share/pocketsphinx/test/data', name))
  return folders.flatMap((folder) => filesIn(folder, /\.(wav|raw)$/))
}

function filesIn(folder: string, pattern: RegExp): string[] {
  const path = join(root, folder)
  return readdirSync(path)
    .filter((name) => pattern.test(name))
    .sort()
    .map((name) => join(path, name))
}
