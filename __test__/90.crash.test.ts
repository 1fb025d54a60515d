import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, test } from '@jest/globals'
import type { PrimeMemory } from '@mixxclub/prime-memory'
import { cleanUp, failure, openAt, start, temporaryFolder } from './support/studio'

afterEach(cleanUp)

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

describe('a process killed at a random instant', () => {
  /** What must be there: the text of each id, null when forgotten; several when nobody knows. */
  const allowed = new Map<string, (string | null)[]>()
  const batches = new Map<string, number>()

  /** Takes in what a killed writer said, in order. */
  function learn(lines: string[]): number {
    let acknowledged = 0
    for (const line of lines) {
      const { what, id, text, batch, size } = JSON.parse(line)
      if (what === 'done') {
        allowed.set(id, [text])
        acknowledged++
      } else if (batch) batches.set(batch, size)
      else if (what === 'try') allowed.set(id, [...(allowed.get(id) ?? []), text])
    }
    return acknowledged
  }

  async function expectAllThere(memory: PrimeMemory): Promise<void> {
    for (const [id, texts] of allowed) {
      const text = (await memory.get(id))?.text ?? null
      expect([id, texts, texts.includes(text)]).toEqual([id, texts, true])
      allowed.set(id, [text])
    }
    for (const [batch, size] of batches) {
      const stored = memory.searchSync('take', { where: { batch }, mode: 'semantic', limit: 100 }).length
      expect(stored).toBeLessThanOrEqual(size)
    }
    expect(await memory.verify()).toEqual({ ok: true, problems: [], mended: [] })
  }

  test('loses no acknowledged write, keeps no forgotten one, and its index heals', async () => {
    const path = join(temporaryFolder(), 'studio.db')
    let acknowledged = 0
    for (let round = 0; round < 12; round++) {
      const writer = start('crash-writer.cjs', [path, String(round)])
      await writer.nextLine()
      await wait(Math.random() * 700)
      writer.process.kill('SIGKILL')
      const { signal, lines, stderr } = await writer.ended
      expect({ signal, stderr }).toEqual({ signal: 'SIGKILL', stderr: '' })
      acknowledged += learn(lines)

      const memory = await openAt(path)
      expect(memory.stats().index.origin).toMatch(/^(loaded|new)$/)
      await expectAllThere(memory)
      const [id, [text]] = [...allowed].reverse().find(([, [text]]) => text !== null) ?? ['', ['']]
      if (id) expect(memory.searchSync(text!, { mode: 'semantic', limit: 1 })[0]?.text).toBe(text)
      for (const [gone] of [...allowed].filter(([, [text]]) => text === null).slice(-3)) {
        expect(memory.searchSync('take', { limit: 1000 }).some((hit) => hit.id === gone)).toBe(false)
      }
      await memory.close()
    }
    expect(acknowledged).toBeGreaterThan(50)
  }, 180_000)

  test('in the middle of rememberMany: all of it is there or nothing', async () => {
    const path = join(temporaryFolder(), 'studio.db')
    const sizes = new Set<number>()
    for (let round = 0; round < 4; round++) {
      const writer = start('crash-batches.cjs', [path])
      await writer.nextLine()
      await wait(200 + Math.random() * 300)
      writer.process.kill('SIGKILL')
      await writer.ended
      const memory = await openAt(path)
      for (const [kind, { memories }] of Object.entries(memory.stats().kinds)) sizes.add(memories).add(kind ? 40 : 0)
      expect((await memory.verify()).problems).toEqual([])
      await memory.close()
    }
    expect([...sizes]).toEqual([40])
  })
})

describe('a full disk', () => {
  const folder = mkdtempSync(join(tmpdir(), 'prime-memory-disk-'))
  const mounted = process.platform === 'linux' && spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder]).status === 0
  afterAll(() => {
    if (mounted) spawnSync('umount', ['-l', folder])
    rmSync(folder, { recursive: true, force: true })
  })

  ;(mounted ? test : test.skip)('is told as such, what was acknowledged before stays, and later there is room again', async () => {
    const path = join(folder, 'studio.db')
    writeFileSync(join(folder, 'a large song'), Buffer.alloc(1 << 20))
    const memory = await openAt(path)
    const ids: string[] = []
    const error = await failure(async () => {
      for (let i = 0; ; i++) ids.push(await memory.remember({ kind: 'note', text: `take ${i}`, data: Array.from({ length: 2000 }, Math.random) }))
    })
    expect({ code: error.code, message: error.message }).toEqual({ code: 'PM_DISK_FULL', message: expect.stringContaining('studio.db') })
    expect(ids.length).toBeGreaterThan(3)
    for (const id of ids) expect((await memory.get(id))?.text).toMatch(/^take/)
    expect((await memory.search('take 2'))[0]!.text).toBe('take 2')
    expect((await memory.verify()).problems).toEqual([])

    rmSync(join(folder, 'a large song'))
    const later = await memory.remember({ kind: 'note', text: 'there is room again' })
    await memory.close()
    const again = await openAt(path)
    expect(again.stats().memories).toBe(ids.length + 1)
    expect((await again.get(later))?.text).toBe('there is room again')
    expect((await again.verify()).problems).toEqual([])
  })
})
