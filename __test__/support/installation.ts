// An installation of the Studio as its users have it, in files: what is written here is what the Studio writes.
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { seeded } from './studio'

export interface State {
  tracks: { id: string; trackName: string; group: string }[]
  [field: string]: unknown
}

/** A project after some edits; projects of different names share no track. */
export function state(project: string, edits: number): State {
  const tracks = ['Lead', 'Bass', 'Drums', 'Pad'].map((trackName, i) => ({ id: `${project}-${i}`, trackName, trackColor: '#ff4f7b', group: 'Instruments', role: 'synth' }))
  return {
    tracks,
    clips: Array.from({ length: 20 + edits }, (_, i) => ({ id: `${project}-c${i}`, trackId: tracks[i % 4]!.id, start: i * 2, duration: 2 })),
    mixerSettings: Object.fromEntries(tracks.map(({ id }, i) => [id, { volume: 0.8 - edits / 100, pan: i / 10, isMuted: false }])),
    inserts: Object.fromEntries(tracks.map(({ id }) => [id, ['mixx-eq8', 'mixx-comp']])),
    masterVolume: 0.9,
    bpm: edits % 2 === 0 ? 120 : '124',
    musicalContext: { genre: 'Trap', mood: 'Dark' },
  }
}

/** Audio as the Studio inlines it: base64 of 32-bit floats that no compressor makes much smaller. */
export function audio(bytes: number, seed: number): string {
  const random = seeded(seed)
  const samples = new Float32Array(bytes / 4).map(() => random() * 2 - 1)
  return Buffer.from(samples.buffer).toString('base64')
}

export const withAudio = (of: State, bytes: number) => ({
  ...of,
  audioBuffers: { take1: { numberOfChannels: 1, length: bytes / 4, sampleRate: 48_000, channelData: [audio(bytes, 7)] } },
})

export const DAY = 86_400_000
export const BEGIN = Date.UTC(2025, 2, 31, 12, 0, 0)

export const downloadName = (at: number) => `flow-project-${new Date(at).toISOString().replaceAll(':', '_')}.json`

export const record = (timestamp: unknown, of: unknown) => ({ timestamp, state: of, version: '1.0' })

/** `localStorage`, every family of keys in it. */
export const localStorageDump = () => ({
  'primebrain:cache:1029384756': JSON.stringify({ content: 'go to F', timestamp: Date.now() - 60_000, model: 'gemini-2.5-flash', tokens: 10, cost: 0.25 }),
  'primebrain:cache:5647382910': JSON.stringify({ content: '-14 LUFS', timestamp: Date.now() - 60_000, model: 'gemini-2.5-pro', tokens: 10 }),
  'primebrain:cache:stats': '{"hits":5,"misses":9}',
  'mixxclub:plugin-favorites': '{"serum":true,"vital":false}',
  'mixxclub:plugin-presets': '{"mixx-tune":[{"id":"mixx-tune-1700000000000","label":"Lead","params":{"speed":40},"savedAt":"2025-01-02T03:04:05.000Z"}]}',
  'mixxclub_presets_v1': '[{"name":"Night mix","states":{"mixx-eq8":{"gain":2.5},"mixx-comp":{"ratio":4}}},{"name":"Empty","states":{}}]',
  'mixxclub:project-history': '[{"genre":"Trap","bpm":140,"key":"C minor","lufs":-9,"timestamp":1760000000000},{"bpm":0,"timestamp":1760000000001}]',
  'mixxclub:project:Night': JSON.stringify(state('night', 5)),
  'clara:embeddings:1700000000000-abc123def': '{"id":"1700000000000-abc123def","embedding":[1,0],"metadata":{"type":"mixx_recall","originalText":"kick and bass fight"},"createdAt":1700000000000}',
  'mixxclub_settings_v1': '{"theme":"dark"}',
  'somebody:else': 'hands off',
})

/**
 * Six autosaves of "Night", the last the same as its save under its name; four of a project that has no name anywhere; one
 * download of each.
 */
export function installation(folder: string): void {
  mkdirSync(join(folder, 'Downloads'), { recursive: true })
  const night = Array.from({ length: 6 }, (_, i) => record(BEGIN + i * 30_000, state('night', i)))
  const other = Array.from({ length: 4 }, (_, i) => record(BEGIN + i * 30_000 + 7_000, state('other', i)))
  const mixed = [...night, ...other].sort((a, b) => (a.timestamp as number) - (b.timestamp as number))
  writeFileSync(join(folder, 'autosave.jsonl'), mixed.map((one) => `${JSON.stringify(one)}\n`).join(''))
  writeFileSync(join(folder, 'localStorage.json'), JSON.stringify(localStorageDump()))
  writeFileSync(join(folder, 'Downloads', downloadName(BEGIN + 40_000)), JSON.stringify(withAudio(state('night', 2), 64_000), null, 2))
  writeFileSync(join(folder, 'Downloads', downloadName(BEGIN + 50_000)), JSON.stringify(withAudio(state('other', 2), 64_000), null, 2))
  writeFileSync(join(folder, 'Downloads', 'invoice.pdf'), 'no JSON, not looked into')
}

/** SHA-256 of every file below a folder, by name. */
export function hashes(folder: string): { [name: string]: string } {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const paths = names.map((entry) => join(entry.parentPath ?? entry.path, entry.name)).sort()
  return Object.fromEntries(paths.map((path) => [path, createHash('sha256').update(readFileSync(path)).digest('hex')]))
}
