import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { StoreReport } from '@mixxclub/prime-memory'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { browserPath, launch } from './browser'
import { cleanUp, openNew, temporaryFolder } from '../support/studio'

const EVIL = `<script>document.title='owned'</script>"onmouseover='x'<img src=x onerror=document.title='owned'>`
const executable = browserPath()

let browser: Browser
let url: string
let report: StoreReport

beforeAll(async () => {
  const { page } = await import('../../cli/report/page.mjs')
  const memory = await openNew()
  const sounds = ['kick', 'lead vocal', 'bass', 'pad', 'ride', 'guitar', 'piano', 'choir']
  for (const kind of [EVIL, 'note']) {
    await memory.rememberMany(sounds.map((sound, i) => ({ kind, text: `The ${sound} is too loud in the chorus of take ${i}. Lower the ${sound} by ${i + 2} dB in the verse. The ${sound} needs a shorter tail, says Ana on day ${i}.` })))
  }
  await memory.cache.set({ prompt: 'how loud?' }, { content: '-14 LUFS', cost: 0.25 })
  await memory.cache.get({ prompt: 'how loud?' })
  report = await memory.report()
  const file = join(temporaryFolder(), 'report.html')
  writeFileSync(file, page(report))
  url = pathToFileURL(file).href
  if (executable) browser = await launch(executable)
}, 60_000)
afterAll(async () => {
  await browser?.close()
  await cleanUp()
})

/** The page as somebody sees it, and whatever it asked the network for or complained of. */
async function open(options: BrowserContextOptions): Promise<{ page: Page; asked: string[]; complaints: string[] }> {
  const page = await browser.newPage(options)
  const [asked, complaints]: string[][] = [[], []]
  page.on('request', (request) => asked!.push(request.url()))
  page.on('console', (message) => complaints!.push(message.text()))
  page.on('pageerror', (error) => complaints!.push(error.message))
  await page.goto(url)
  return { page, asked: asked!, complaints: complaints! }
}

/** Luminance contrast of two CSS colours `rgb(r, g, b)`. */
function contrast(a: string, b: string): number {
  const luminance = (colour: string) => {
    const [r, g, blue] = colour.match(/[\d.]+/g)!.map((part) => {
      const share = Number(part) / 255
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * blue!
  }
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x)
  return (light! + 0.05) / (dark! + 0.05)
}

;(executable ? describe : describe.skip)('the page in a browser', () => {
  test('asks the network for nothing, runs no script, shows names as they are', async () => {
    const { page, asked, complaints } = await open({})
    expect(asked).toEqual([url])
    expect(complaints).toEqual([])
    expect(await page.title()).toContain('memory report')
    expect(await page.locator('script, link, img, iframe, [onerror], [onmouseover]').count()).toBe(0)
    expect(await page.locator('h2').allTextContents()).toContain(EVIL)
    await page.close()
  })

  test('draws each figure from the numbers of the report, with a table beside', async () => {
    const { page } = await open({})
    const { ratios } = report.kinds.find(({ kind }) => kind === 'note')!
    const section = page.locator('section', { has: page.getByRole('heading', { name: 'note', exact: true }) })
    expect(await section.locator('figure').count()).toBe(4)
    const dots = section.locator('figure').first().locator('.picture .series.a .dot')
    expect(await dots.count()).toBe(8)
    const at = (share: number) => `${Math.round(share * 100)} % found first`
    expect(await dots.locator('title').allTextContents()).toEqual(ratios.map(({ ratio, meaning }) => expect.stringContaining(`ratio ${ratio}: ${at(meaning!.heldOut!.r1)}`)))
    // Higher on the page means found more often.
    const heights = await dots.evaluateAll((all) => all.map((dot) => Number(dot.getAttribute('cy'))))
    const floor = await section.locator('figure').first().locator('.axis').evaluate((line) => Number(line.getAttribute('y1')))
    const top = await section.locator('figure').first().locator('.grid line').evaluateAll((all) => Math.min(...all.map((line) => Number(line.getAttribute('y1')))))
    heights.forEach((height, i) => expect((floor - height) / (floor - top)).toBeCloseTo(ratios[i]!.meaning!.heldOut!.r1, 1))
    await section.locator('summary').click()
    expect(await section.locator('tbody').evaluateAll((all) => all.map((body) => body.children.length))).toEqual([9, 10])
    expect(await page.locator('#growth-items, #growth-bytes, #money').count()).toBe(3)
    await page.close()
  })

  test('every picture has a title and a description, every table a caption and headers', async () => {
    const { page } = await open({})
    for (const picture of await page.locator('figure svg[role=img]').all()) {
      const ids = (await picture.getAttribute('aria-labelledby'))!.split(' ')
      for (const id of ids) expect((await picture.locator(`[id="${id}"]`).textContent())!.length).toBeGreaterThan(8)
    }
    const ids = await page.locator('[id]').evaluateAll((all) => all.map((one) => one.id))
    expect(new Set(ids).size).toBe(ids.length)
    for (const table of await page.locator('table').all()) {
      expect(await table.locator('caption').count()).toBe(1)
      expect(await table.locator('thead th[scope=col]').count()).toBeGreaterThan(1)
      expect(await table.locator('tbody tr').count()).toBe(await table.locator('tbody th[scope=row]').count())
    }
    await page.close()
  })

  test.each(['light', 'dark'] as const)('is readable in %s', async (colorScheme) => {
    const { page } = await open({ colorScheme })
    const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor)
    expect(contrast(background, 'rgb(255, 255, 255)') > 4).toBe(colorScheme === 'dark')
    const card = await page.locator('figure').first().evaluate((figure) => getComputedStyle(figure).backgroundColor)
    const colour = (selector: string, property: 'color' | 'fill') => page.locator(selector).first().evaluate((one, name) => getComputedStyle(one)[name as 'color'], property)
    for (const [selector, property] of [['h1', 'color'], ['.lead', 'color'], ['.note', 'color'], ['summary', 'color'], ['svg .ticks text', 'fill']] as const) expect(contrast(await colour(selector, property), card)).toBeGreaterThan(4.5)
    for (const look of ['a', 'b', 'c', 'd']) expect(contrast(await colour(`.series.${look}`, 'color'), card)).toBeGreaterThan(3)
    await page.close()
  })

  test.each([320, 375, 768, 1440])('fits a window of %i pixels', async (width) => {
    const { page } = await open({ viewport: { width, height: 800 } })
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
    const smallest = await page.locator('figure svg[role=img] text').evaluateAll((all) => Math.min(...all.map((text) => text.getBoundingClientRect().height)))
    expect(smallest).toBeGreaterThan(8)
    await page.close()
  })

  test('prints, tables opened and no wider than the paper', async () => {
    const { page } = await open({ viewport: { width: 718, height: 1000 } }) // A4 between its margins
    await page.emulateMedia({ media: 'print' })
    expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe('rgb(255, 255, 255)')
    expect(await page.locator('details table').first().evaluate((table) => table.getBoundingClientRect().height)).toBeGreaterThan(50)
    expect(await page.locator('table').evaluateAll((all) => Math.max(...all.map((table) => table.getBoundingClientRect().right)))).toBeLessThanOrEqual(718)
    expect((await page.pdf()).length).toBeGreaterThan(10_000)
    await page.close()
  })
})

test('the page is one file without anything to fetch', async () => {
  const { page } = await import('../../cli/report/page.mjs')
  const text: string = page(report)
  const withoutValues = text.replace(/"[^"]*"/g, '""')
  expect(/https?:|url\(|@import|<(script|img|link|iframe)|<[^>]+ (src|href|on\w+)=/.exec(withoutValues)?.[0]).toBeUndefined()
  expect(page({ ...report, kinds: [], growth: { bucket: 'day', points: [] }, cache: { ...report.cache, hits: 0, misses: 0 } })).toContain('What it takes')
})
