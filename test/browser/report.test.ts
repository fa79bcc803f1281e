import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { PNG } from 'pngjs'
import { suite } from '../support/suite.js'
import * as assert from 'uvu/assert'
import { renderHtml } from '../../lib/bench/html/page.js'
import { Chromium } from '../support/chromium.js'
import { sampleReport } from '../support/sample-report.js'

/** The report in a real browser: that it draws, what it draws, and that it asks for nothing. */
const test = suite('report in a browser')

interface Box {
  name: string
  x: number
  y: number
  width: number
  height: number
}

// Launched here: where none is installed, that is the error the file ends with.
const browser = await Chromium.launch()
let folder = ''
const asked: string[] = []
const complaints: string[] = []

test.before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'report-'))
  writeFileSync(join(folder, 'report.html'), renderHtml(await sampleReport()))
  browser.on((method, params) => {
    if (method === 'Network.requestWillBeSent') asked.push((params as { request: { url: string } }).request.url)
    if (method === 'Log.entryAdded') complaints.push((params as { entry: { text: string } }).entry.text)
    if (method === 'Runtime.exceptionThrown') complaints.push(JSON.stringify(params))
  })
  await browser.send('Emulation.setDeviceMetricsOverride', { width: 1240, height: 900, deviceScaleFactor: 1, mobile: false })
  await browser.open(pathToFileURL(join(folder, 'report.html')).href)
})

test.after(async () => {
  await browser.close()
  rmSync(folder, { recursive: true })
})

const boxes = () =>
  browser.evaluate<Box[]>(`[...document.querySelectorAll('svg')].map((svg) => {
    const { x, y, width, height } = svg.getBoundingClientRect()
    return { name: svg.getAttribute('aria-label'), x, y: y + scrollY, width, height }
  })`)

async function picture(scheme: 'light' | 'dark') {
  await browser.send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] })
  const png = await browser.screenshot()
  const kept = process.env['REPORT_SCREENSHOTS']
  if (kept !== undefined) {
    mkdirSync(kept, { recursive: true })
    writeFileSync(join(kept, `report-${scheme}.png`), png)
  }
  const { width, height, data } = PNG.sync.read(png)
  const at = (x: number, y: number) => data.readUInt32BE((Math.round(y) * width + Math.round(x)) * 4) >>> 8
  return { width, height, at }
}

/** Pixels of exactly this colour in a box. */
function count({ at }: Awaited<ReturnType<typeof picture>>, { x, y, width, height }: Box, colour: number): number {
  let found = 0
  for (let row = Math.ceil(y); row < y + height; row++)
    for (let column = Math.ceil(x); column < x + width; column++) if (at(column, row) === colour) found++
  return found
}

const light = {
  page: 0xf6f7f9,
  card: 0xffffff,
  answers: 0x2f7fd1,
  good: 0x178a5c,
  queue: 0xe0a021,
  refused: 0x8f84c6,
  limit: 0xc8352b,
  p99: 0x0b3f7d,
}
const dark = {
  page: 0x11151b,
  card: 0x191f27,
  answers: 0x5aa5ee,
  good: 0x4cc38a,
  queue: 0xe3ab3d,
  refused: 0x9d93d6,
  limit: 0xff7b6e,
  p99: 0xbcdcff,
}

test('asks for nothing but itself, and nothing goes wrong', () => {
  assert.equal([asked.length, asked[0]!.startsWith('file:'), complaints], [1, true, []])
})

test('each drawing has its place, inside the page and not over another one', async () => {
  const all = await boxes()
  assert.equal(all.length, 16)
  for (const { name, x, width, height } of all) {
    assert.ok(x >= 0 && x + width <= 1240, name)
    assert.ok(width >= 300 && height >= 100 && height < width, `${name}: ${width} x ${height}`)
  }
  for (const a of all)
    for (const b of all) {
      const apart = a === b || a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y
      assert.ok(apart, `${a.name} over ${b.name}`)
    }
})

test('no text leaves its drawing, and none is cut off', async () => {
  const outside = await browser.evaluate<string[]>(`[...document.querySelectorAll('svg text')].filter((text) => {
    const [own, all] = [text.getBoundingClientRect(), text.ownerSVGElement.closest('section').getBoundingClientRect()]
    return own.width === 0 || own.left < all.left || own.right > all.right || own.top < all.top || own.bottom > all.bottom
  }).map((text) => text.textContent)`)
  assert.equal(outside, [])
})

for (const [scheme, colours] of Object.entries({ light, dark }) as ['light' | 'dark', typeof light][]) {
  test(`it draws, ${scheme}: lines, bars, limits and budgets in their colours`, async () => {
    const shown = await picture(scheme)
    assert.ok(shown.width === 1240 && shown.height > 2000, `${shown.width} x ${shown.height}`)
    assert.equal([shown.at(3, 3), shown.at(shown.width - 3, shown.height - 3)], [colours.page, colours.page])
    const all = await boxes()
    const box = (name: string) => all.find((each) => each.name === name)!
    const wanted: [string, keyof typeof light, number][] = [
      ['Latency against load', 'p99', 100],
      ['Latency against load', 'limit', 30],
      ['Answers against load', 'good', 100],
      ['What became of the requests', 'good', 20_000],
      ['What became of the requests', 'refused', 5000],
      ['Latency budget', 'queue', 5000],
      ['Latency budget', 'answers', 10_000],
      ['Latency histogram, 1200 requests/s', 'answers', 3000],
      ['Batch sizes over time, 933 requests/s', 'answers', 50],
      ['Batches by rows, 933 requests/s', 'answers', 1500],
    ]
    for (const [name, colour, least] of wanted) {
      const found = count(shown, box(name), colours[colour])
      assert.ok(found >= least, `${name} has ${found} pixels of ${colour}, not ${least}`)
    }
    assert.is(count(shown, box('Latency against load'), light.card) > 50_000, scheme === 'light')
  })
}

test('bars are as long as what they say: 100 % in time spans the axis', async () => {
  const widths = await browser.evaluate<number[]>(
    `[...document.querySelectorAll('svg[aria-label="What became of the requests"] .part.good')].map((bar) => bar.getBoundingClientRect().width)`,
  )
  const report = await sampleReport()
  assert.is(widths.length, 6)
  report.steps.forEach(({ goodput }, i) =>
    assert.ok(Math.abs(widths[i]! / widths[0]! - goodput!) < 0.005, `${i}: ${widths[i]! / widths[0]!}`),
  )
})

test('on a narrow screen nothing is wider than the page but what scrolls', async () => {
  await browser.send('Emulation.setDeviceMetricsOverride', { width: 420, height: 900, deviceScaleFactor: 1, mobile: false })
  assert.equal(await browser.evaluate('[document.documentElement.scrollWidth, innerWidth]'), [420, 420])
})

test.run()
