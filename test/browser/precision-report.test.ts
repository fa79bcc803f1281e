import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { PNG } from 'pngjs'
import * as assert from 'uvu/assert'
import { renderReportHtml } from '../../lib/onnx/report/html.js'
import { Chromium } from '../support/chromium.js'
import { precisionReport } from '../support/precision-report.js'
import { suite } from '../support/suite.js'

/** The page in a real browser: that it draws, what it draws, and that it asks for nothing. */
const test = suite('precision report in a browser')
const browser = await Chromium.launch()
let folder = ''
const asked: string[] = []
const complaints: string[] = []

test.before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'precision-report-'))
  writeFileSync(join(folder, 'report.html'), renderReportHtml(precisionReport(), 'model.onnx'))
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

test('asks for nothing but itself, and nothing goes wrong', () => {
  assert.equal([asked.length, asked[0]!.startsWith('file:'), complaints], [1, true, []])
})

test('every layer has its mark inside of the plot; higher is a larger error', async () => {
  const marks = await browser.evaluate<{ error: number; x: number; y: number; inside: boolean }[]>(`(() => {
    const svg = document.querySelector('svg[aria-label="Error by layer"]')
    const all = svg.getBoundingClientRect()
    return [...svg.querySelectorAll('circle')].map((circle) => {
      const { left, right, top, bottom } = circle.getBoundingClientRect()
      const inside = left >= all.left && right <= all.right && top >= all.top && bottom <= all.bottom
      return { error: Number(/: (\\S+?)( |$)/.exec(circle.textContent)[1]), x: left, y: top, inside }
    })
  })()`)
  assert.is(marks.length, 60)
  assert.ok(marks.every(({ inside }) => inside))
  for (const a of marks) for (const b of marks) if (a.error > b.error) assert.ok(a.y < b.y, `${a.error} is not above ${b.error}`)
})

test('no text leaves its section, and none is cut off', async () => {
  const outside = await browser.evaluate<string[]>(`[...document.querySelectorAll('svg text')].filter((text) => {
    const [own, all] = [text.getBoundingClientRect(), text.ownerSVGElement.closest('section').getBoundingClientRect()]
    return own.width === 0 || own.left < all.left || own.right > all.right || own.top < all.top || own.bottom > all.bottom
  }).map((text) => text.textContent)`)
  assert.equal(outside, [])
})

for (const [scheme, colours] of Object.entries({ light: [0x178a5c, 0xe0a021, 0x2f7fd1], dark: [0x4cc38a, 0xe3ab3d, 0x5aa5ee] })) {
  test(`it draws, ${scheme}: marks of float32, int8 and float16 in their colours`, async () => {
    await browser.send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] })
    const png = await browser.screenshot()
    const kept = process.env['REPORT_SCREENSHOTS']
    if (kept !== undefined) {
      mkdirSync(kept, { recursive: true })
      writeFileSync(join(kept, `precision-${scheme}.png`), png)
    }
    const { data } = PNG.sync.read(png)
    const found = colours.map(() => 0)
    for (let i = 0; i < data.length; i += 4) {
      const at = colours.indexOf(data.readUInt32BE(i) >>> 8)
      if (at >= 0) found[at]!++
    }
    assert.ok(
      found.every((pixels) => pixels > 100),
      `pixels: ${found.join(', ')}`,
    )
  })
}

test('on a narrow screen nothing is wider than the page but what scrolls', async () => {
  await browser.send('Emulation.setDeviceMetricsOverride', { width: 420, height: 900, deviceScaleFactor: 1, mobile: false })
  assert.equal(await browser.evaluate('[document.documentElement.scrollWidth, innerWidth]'), [420, 420])
})

test.run()
