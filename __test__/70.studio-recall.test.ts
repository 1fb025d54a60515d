import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { formatMixxRecallPrompt, getMixxRecallContext, injectMixxRecall, saveProjectContext } from '@mixxclub/prime-memory/mixx-recall-context'
import { close, configure } from '@mixxclub/prime-memory/studio'
import { BROKEN, freshStudio, warnings, WebStorage } from './support/drop-ins'
import { cleanUp } from './support/studio'

const PRESETS = {
  'mixx-tune': [{ id: 'mixx-tune-1700000000000', label: 'Lead', params: { speed: 40 }, savedAt: '2025-01-02T03:04:05.000Z' }],
  'mixx-eq8': [{ id: 'mixx-eq8-1700000000001', label: 'Air', params: { high: 0.7 }, savedAt: '2025-01-02T03:04:06.000Z', trackContext: 'Vocals' }],
}
const FLAT = Object.values(PRESETS).flat()
const host = globalThis as { window?: unknown }

afterEach(async () => {
  delete host.window
  close()
  await cleanUp()
})

describe.each([
  ['the memory', {}],
  ['localStorage where there is no memory', BROKEN],
])('%s', (_, place) => {
  let storage: WebStorage
  beforeEach(() => {
    storage = new WebStorage()
    freshStudio({ ...place, localStorage: storage })
  })

  test('a user nobody knows: no context, and the prompt stays the prompt', () => {
    expect(getMixxRecallContext()).toEqual({})
    expect(injectMixxRecall('hello')).toBe('hello')
  })

  test('saved projects become habits', () => {
    expect(saveProjectContext({ genre: 'Trap', bpm: 140, key: 'C minor', lufs: -9 })).toBeUndefined()
    saveProjectContext({ genre: 'Drill', bpm: 140, key: 'F minor', lufs: -14 })
    const context = getMixxRecallContext()
    expect(context.preferredGenres?.slice().sort()).toEqual(['Drill', 'Trap'])
    expect(context.commonKeys?.slice().sort()).toEqual(['C minor', 'F minor'])
    expect(context.preferredMixLevel).toBe(-14)
    expect(context.recentProjects).toHaveLength(2)
    expect(context.recentProjects!.at(-1)).toMatchObject({ genre: 'Drill', bpm: 140 })
  })

  test('known fault: with one saved preset, recall shrinks to favourites', () => {
    storage.setItem('mixxclub:plugin-favorites', JSON.stringify({ serum: true, vital: false }))
    storage.setItem('mixxclub:plugin-presets', JSON.stringify(PRESETS))
    saveProjectContext({ genre: 'Trap' })
    const context = getMixxRecallContext()
    expect(context).toMatchObject({ favoritePlugins: ['serum'], preferredGenres: ['Trap'] })
    expect(context.commonPresets).toHaveLength(2)
  })

  test.each([['map', PRESETS], ['flat list', FLAT]])('known fault: a preset\'s plugin is "unknown" (%s)', (_, presets) => {
    storage.setItem('mixxclub:plugin-presets', JSON.stringify(presets))
    const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name)
    expect(getMixxRecallContext().commonPresets!.sort(byName)).toEqual([
      { name: 'Air', plugin: 'mixx-eq8' },
      { name: 'Lead', plugin: 'mixx-tune' },
    ])
  })

  test('known fault: one broken key takes the others with it', () => {
    storage.setItem('mixxclub:plugin-favorites', '{"serum": tr')
    storage.setItem('mixxclub:plugin-presets', JSON.stringify(PRESETS))
    expect(getMixxRecallContext().commonPresets).toHaveLength(2)
    expect(warnings.filter((warning) => warning.includes('plugin-favorites'))).toHaveLength(1)
  })

  test('a favourite that is unmarked is one no longer', () => {
    storage.setItem('mixxclub:plugin-favorites', JSON.stringify({ serum: true, vital: true }))
    expect(getMixxRecallContext().favoritePlugins?.slice().sort()).toEqual(['serum', 'vital'])
    storage.setItem('mixxclub:plugin-favorites', JSON.stringify({ serum: false, vital: true }))
    expect(getMixxRecallContext().favoritePlugins).toEqual(['vital'])
  })

  test('the open project stands in while no habit is known', () => {
    host.window = { __mixx_playbackState: { bpm: 93 }, __mixx_musicalContext: { key: 'D dorian' } }
    expect(getMixxRecallContext()).toEqual({ typicalBPM: 93, commonKeys: ['D dorian'] })
    host.window = { __mixx_playbackState: null, __mixx_musicalContext: 'odd' }
    expect(getMixxRecallContext()).toEqual({})
  })

  test('nothing throws, whatever is given', () => {
    for (const odd of [{}, { bpm: NaN }, { bpm: 0 }, { key: '' }, { lufs: 1e9 }, null, { genre: 7 }]) {
      expect(() => saveProjectContext(odd as object)).not.toThrow()
    }
    for (const odd of [{}, null, { commonPresets: 7 }]) expect(() => formatMixxRecallPrompt(odd as object)).not.toThrow()
    storage.fault = new Error('SecurityError')
    expect(() => getMixxRecallContext()).not.toThrow()
  })
})

test('what the model sees: a line a fact, in the Studio\'s order', () => {
  expect(
    formatMixxRecallPrompt({
      preferredMixLevel: -14,
      commonPresets: ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => ({ name, plugin: 'eq' })),
      favoritePlugins: ['serum', 'vital'],
      commonKeys: ['C minor'],
      typicalBPM: 140,
      preferredGenres: ['Trap', 'Drill'],
      preferredPlugins: ['never printed'],
    }),
  ).toBe(
    `

User Context (Mixx Recall):
User's preferred genres: Trap, Drill
User typically works at 140 BPM
User commonly works in keys: C minor
User's favorite plugins: serum, vital
User frequently uses presets: a (eq), b (eq), c (eq), d (eq), e (eq)
User typically targets -14.0 LUFS

Consider these preferences when providing recommendations.`,
  )
  expect(formatMixxRecallPrompt({})).toBe('')
})

test('habits survive a restart and are counted, not overwritten', () => {
  freshStudio({ localStorage: null })
  for (const bpm of [140, 140, 140, 93]) saveProjectContext({ bpm })
  close()
  expect(getMixxRecallContext().typicalBPM).toBe(140)
})

test('what the Studio keeps is learned once, however often it is read', () => {
  const storage = new WebStorage({ 'mixxclub:plugin-favorites': { serum: true }, 'mixxclub:plugin-presets': PRESETS })
  freshStudio({ localStorage: storage })
  for (let i = 0; i < 3; i++) {
    getMixxRecallContext()
    close()
  }
  configure({ localStorage: null })
  expect(getMixxRecallContext()).toMatchObject({ favoritePlugins: ['serum'] })
  expect(getMixxRecallContext().commonPresets).toHaveLength(2)
})

test('the window\'s own storage is found', () => {
  host.window = { localStorage: new WebStorage({ 'mixxclub:plugin-favorites': { vital: true } }) }
  freshStudio()
  expect(getMixxRecallContext().favoritePlugins).toEqual(['vital'])
})

test('nobody\'s habits reach another scope', () => {
  freshStudio({ localStorage: null, scope: { user: 'ana' } })
  saveProjectContext({ genre: 'Trap' })
  configure({ scope: { user: 'ben' } })
  expect(getMixxRecallContext()).toEqual({})
})
