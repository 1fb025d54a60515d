/**
 * The demo's converter, key finder and terminal output. Needs neither the native part nor a model.
 * Songs: demo/projects. Their notes and tracks are counted here a second time, straight in the XML and without the converter.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deflateSync, inflateSync } from 'node:zlib'

const DEMO = join(__dirname, '..', 'demo')
const SONGS = join(DEMO, 'projects')

let unpack: (bytes: Uint8Array) => string
let parseXml: (text: string) => any
let project: any
let music: any
let ui: any

beforeAll(async () => {
  ;({ unpack } = await import('../demo/lmms/read.mjs'))
  ;({ parseXml } = await import('../demo/lmms/xml.mjs'))
  project = { ...(await import('../demo/project.mjs')), ...(await import('../demo/lmms/notes.mjs')) }
  music = { ...(await import('../demo/music/chroma.mjs')), ...(await import('../demo/music/key.mjs')), ...(await import('../demo/memories.mjs')) }
  ui = {
    ...(await import('../cli/ui/format.mjs')),
    ...(await import('../cli/ui/progress.mjs')),
    ...(await import('../cli/ui/style.mjs')),
    ...(await import('../cli/ui/table.mjs')),
    ...(await import('../cli/ui/width.mjs'))
  }
})

/** As Qt's qCompress writes it. */
function mmpz(xml: string | Uint8Array, declared = Buffer.byteLength(xml)): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(declared)
  return Buffer.concat([length, deflateSync(xml)])
}

const song = (tracks: string, head = '<head bpm="90"/>') => `<?xml version="1.0"?><!DOCTYPE lmms-project><lmms-project type="song">${head}<song><trackcontainer>${tracks}</trackcontainer></song></lmms-project>`
const convertText = (xml: string, name = 'Song') => project.fromLmms(Buffer.from(xml), name).state
const loadSong = (file: string) => project.loadProject(join(SONGS, file))

// The last column: SHA-256 of the state as the project's reference converter (Python) makes it, keys sorted, first 16 digits.
const FACTS: [file: string, bpm: number, tracks: number, notes: number, clips: number, state: string][] = [
  ['Alf42red-Mauiwowi.mmpz', 102, 16, 2940, 56, '178c3720191657a1'],
  ['CapDan-ReggaeTry.mmpz', 180, 9, 287, 88, '8c9a1d9f8c7f84e1'],
  ['CapDan-ReggaetonTry.mmpz', 180, 8, 442, 151, '1132da1154689d64'],
  ['CapDan-TwilightArea-OriginalByAlf42red.mmpz', 170, 15, 2265, 103, '50b6019823d60cd4'],
  ['Crunk(Demo).mmp', 130, 4, 60, 8, 'fa7adfce3db77026'],
  ['Saber-FinalStep.mmpz', 140, 23, 256, 59, '41d0039ab4f65697'],
  ['Settel-InnerRecreation.mmpz', 148, 26, 2683, 230, '99ecd4e0fa659ea6'],
  ['Skiessi-C64.mmpz', 127, 9, 1070, 116, '341007a25ed7554a'],
  ['Socceroos-Progress.mmpz', 200, 14, 2831, 68, '12428777ce4f53b4'],
  ['Thomasso-AxeFromThe80s.mmpz', 140, 13, 1804, 421, '6410853dc8eea8d1']
]

describe('the songs in the repository', () => {
  test('are the ones listed here, each with its licence', () => {
    const licences = readFileSync(join(SONGS, 'LICENCES.md'), 'utf8')
    const files = readdirSync(SONGS).filter((file) => /\.mmpz?$/.test(file)).sort()
    expect(files).toEqual(FACTS.map(([file]) => file).sort())
    for (const file of files) expect(licences).toContain(`\`${file}\``)
  })

  test.each(FACTS)('%s', async (file, bpm, tracks, notes, clips, digest) => {
    const { state } = await loadSong(file)
    expect({ bpm: state.bpm, tracks: state.tracks.length, clips: state.clips.length }).toEqual({ bpm, tracks, clips })
    expect(Object.values<any[]>(state.pianoRollSketches).flat()).toHaveLength(notes)
    expect(createHash('sha256').update(JSON.stringify(sorted(state))).digest('hex').slice(0, 16)).toBe(digest)
  })

  test.each(FACTS)('%s, counted without the converter', async (file, bpm, tracks, notes) => {
    const bytes = readFileSync(join(SONGS, file))
    const xml = (file.endsWith('z') ? inflateSync(bytes.subarray(4)) : bytes).toString('utf8')
    expect(xml.match(/<note\b/g)).toHaveLength(notes)
    expect(xml.match(/<track\b[^>]*\btype="[02]"/g)).toHaveLength(tracks)
    expect(Number(/\bbpm="(\d+)"/.exec(xml)?.[1])).toBe(bpm)
  })
})

function sorted(value: any): any {
  if (Array.isArray(value)) return value.map(sorted)
  return value && typeof value === 'object' ? Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])])) : value
}

describe('converting', () => {
  const note = '<note key="57" pos="24" len="48" vol="80"/>'
  const bass = `<track type="0" name="Sub Bass" muted="1"><instrumenttrack vol="50" pan="-100" fxch="2"><instrument name="lb302"/>
    <fxchain><effect name="ladspaeffect" on="0"><key><attribute name="file" value="tap"/><attribute name="plugin" value="tap_reverb"/></key></effect></fxchain>
    </instrumenttrack><pattern pos="192" len="192">${note}</pattern></track>`
  const mixer = `<fxmixer><fxchannel num="0"><fxchain><effect name="amplifier"/></fxchain></fxchannel>
    <fxchannel num="2"><fxchain><effect name="vsteffect"><key><attribute name="file" value="C:\\vst\\Big Delay.dll"/></key></effect></fxchain></fxchannel></fxmixer>`

  test('a track keeps its role, mixer, inserts, clip and note', () => {
    const state = convertText(song(bass).replace('</song>', `${mixer}</song>`))
    const [{ id, group, role, waveformType }] = state.tracks
    expect({ group, role, waveformType }).toEqual({ group: 'Bass', role: 'lb302', waveformType: 'midi' })
    expect(state.mixerSettings[id]).toEqual({ volume: 0.5, pan: -1, isMuted: true })
    expect(state.inserts).toEqual({ [id]: ['tap_reverb', 'Big Delay'], master: ['amplifier'] })
    expect(state.fxBypassState[id]).toEqual({ tap_reverb: true })
    expect(state.clips).toEqual([{ id: 'clip-1', trackId: id, name: 'Sub Bass', start: 4, duration: 4, muted: false, noteCount: 1 }])
    expect(state.pianoRollSketches[id]).toEqual([{ id: 'n0', pitch: 57, start: 4.5, duration: 1, velocity: 80 }])
  })

  test('a pattern of the beat editor sounds wherever its beat is placed', () => {
    const beat = (inside: string, at: number[]) => `<track type="1"><bbtrack>${inside}</bbtrack>${at.map((pos) => `<bbtco pos="${pos}" len="192"/>`).join('')}</track>`
    const kick = `<track type="0" name="blip"><instrumenttrack><instrument name="audiofileprocessor"/></instrumenttrack><pattern/><pattern len="192">${note}</pattern></track>`
    const state = convertText(song(beat(`<trackcontainer>${kick}</trackcontainer>`, [0]) + beat('', [192, 384])))
    expect(state.tracks[0].group).toBe('Drums')
    expect(state.clips.map((clip: any) => clip.start)).toEqual([4, 8])
  })

  test('knobs that are automated, tempo included, are read from their child elements', () => {
    const state = convertText(song(bass, '<head timesig_numerator="3" timesig_denominator="8" mastervol="80"><bpm value="93.5" id="1"/></head>'))
    expect(state).toMatchObject({ bpm: 93.5, timeSignature: '3/8', masterVolume: 0.8 })
  })

  test('automation with more than one point is kept, also under a name that objects react to', () => {
    const curve = '<automationpattern name="__proto__" pos="48"><time pos="0" value="1"/><time pos="24" value="0.5"/></automationpattern>'
    const { automationData } = convertText(song(`${bass}<track type="5" name="Cutoff">${curve}<automationpattern><time pos="0" value="1"/></automationpattern></track>`))
    expect(Object.entries(automationData)).toEqual([['__proto__', [{ start: 1, points: [[0, 1], [0.5, 0.5]] }]]])
  })

  test('songs from before 2007: 64 ticks a bar, octave and tone', () => {
    const old = '<track type="0"><channeltrack/><pattern><note oct="3" tone="2" pos="16" len="8"/></pattern></track>'
    const [[sketch]] = Object.values<any>(convertText(song(old)).pianoRollSketches)
    expect(sketch).toMatchObject({ pitch: 38, start: 1, duration: 0.5 })
  })

  test('entities, CDATA, control characters and a byte order mark', () => {
    const root = parseXml('<a b="&lt;&amp;&#x41;&#8;"><![CDATA[<c/>]]>\x07</a>')
    expect([root.attributes.b, root.text]).toEqual(['<&A', '<c/>'])
    expect(project.fromLmms(Buffer.from('\ufeff' + song(bass)), 'bom').state.tracks).toHaveLength(1)
  })

  test('the author’s notes, but not LMMS’s own request for them', async () => {
    expect((await loadSong('Socceroos-Progress.mmpz')).notes).toMatch(/slow builder/)
    expect((await loadSong('Skiessi-C64.mmpz')).notes).toBeUndefined()
    expect(project.plainText('<style>p { x }</style><p>Rock &amp; R&#111;ll &bogus;&#xd800;</p>')).toBe('Rock & Roll &bogus;&#xd800;')
  })
})

describe('files that cannot be used', () => {
  const xml = song('<track type="0"/>')
  const half = mmpz(xml).subarray(0, 40)
  const damaged = mmpz(readFileSync(join(SONGS, 'Crunk(Demo).mmp')))
  damaged.fill(0x55, 200, 260)
  test.each<[string, () => Uint8Array, RegExp]>([
    ['empty', () => new Uint8Array(0), /empty/],
    ['too short', () => Buffer.from('mmpz'), /neither XML nor/],
    ['something else', () => Buffer.from('OggS this is not a project at all'), /neither XML nor/],
    ['truncated', () => half, /truncated/],
    ['damaged inside', () => damaged, /damaged/],
    ['declares nothing', () => mmpz(xml, 0), /length of 0/],
    ['declares too little', () => mmpz(xml, 20), /more than the 20 bytes/],
    ['declares too much', () => mmpz(xml, 5000), /declares 5000 bytes of XML and holds \d+/],
    ['little-endian length', () => Buffer.concat([Buffer.from([0x10, 0, 0, 0xf0]), deflateSync(xml)]), /more than/],
    ['a bomb that declares its size', () => mmpz(Buffer.alloc(40_000_000)), /more than the 33554432/],
    ['a bomb that does not', () => mmpz(Buffer.alloc(40_000_000), 1000), /more than the 1000 bytes/],
    ['not XML', () => Buffer.from('<lmms-project><song></lmms-project>'), /not well-formed XML/],
    ['cut XML', () => Buffer.from(xml.slice(0, 90)), /not well-formed XML/],
    ['only a declaration', () => Buffer.from('<?xml version="1.0"?>'), /no element|not well-formed/],
    ['deep XML', () => Buffer.from('<a>'.repeat(5000)), /nested more than 200 deep/],
    ['an entity bomb', () => Buffer.from('<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;">]><a b="&y;"/>'), /not well-formed XML/],
    ['another XML', () => Buffer.from('<svg/>'), /not an LMMS project but <svg>/],
    ['a preset', () => Buffer.from('<lmms-project type="instrumenttracksettings"/>'), /without tracks/]
  ])('%s', (_, bytes, reason) => {
    expect(() => project.fromLmms(bytes(), 'bad')).toThrow(reason)
  })

  test('a small file that asks for very many clips', () => {
    const notes = '<pattern><note key="1" len="1"/></pattern>'
    const track = `<track type="0"><instrumenttrack/>${notes}</track>`
    const blocks = '<bbtco pos="0"/>'.repeat(2000)
    expect(() => convertText(song(`<track type="1"><bbtrack><trackcontainer>${track.repeat(2000)}</trackcontainer></bbtrack>${blocks}</track>`))).toThrow(/more than 200000 clips/)
  })

  test.each([
    ['{"tracks": [', /not JSON/],
    ['null', /no "tracks"/],
    ['[1]', /no "tracks"/],
    ['{"tracks": []}', /without tracks/]
  ])('JSON %s', (json, reason) => {
    expect(() => project.fromJson(Buffer.from(json), 'bad')).toThrow(reason)
  })

  test('the demo names each, goes on, and ends with 1 when nothing is left', () => {
    const folder = mkdtempSync(join(tmpdir(), 'demo-bad-'))
    folders.push(folder)
    mkdirSync(join(folder, 'inner'))
    writeFileSync(join(folder, 'cut.mmpz'), half)
    writeFileSync(join(folder, 'inner', 'package.json'), '{"name": "x"}')
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(DEMO, 'demo.mjs'), folder, join(folder, 'nothing')], { encoding: 'utf8' })
    expect({ status, stderr }).toEqual({ status: 1, stderr: '' })
    expect(stdout).toMatch(/skipped.*cut\.mmpz: the file ends too early/)
    expect(stdout).toMatch(/skipped.*package\.json: JSON, but not a project state/)
    expect(stdout).toMatch(/skipped.*nothing: there is nothing to read/)
  })

  test('a misspelled option is named, with the help beside it', () => {
    const { status, stderr } = spawnSync(process.execPath, [join(DEMO, 'demo.mjs'), '--oout', 'x.db'], { encoding: 'utf8' })
    expect(status).toBe(2)
    expect(stderr).toMatch(/--oout[^]*--out FILE/)
    expect(execFileSync(process.execPath, [join(DEMO, 'demo.mjs'), '--help'], { encoding: 'utf8' })).toMatch(/npm run demo/)
  })
})

const folders: string[] = []
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })))

describe('what a project says', () => {
  const state = (notes: object[], more = {}) => ({
    name: 'P', bpm: '96', tracks: [{ id: 'a', group: 'Instruments', role: 'sid' }, { id: 'd', group: 'Drums', role: 'kicker' }],
    inserts: { a: ['Eq', 'Delay'], master: ['Delay'] }, pianoRollSketches: { a: notes, d: [{ pitch: 1, duration: 99 }] }, ...more
  })
  const played = (...pitches: number[]) => pitches.map((pitch, i) => ({ pitch, start: i, duration: i === 0 ? 2 : 1 }))

  test('pitch classes weigh as long as they sound, without drums', () => {
    expect(music.chromagram(state(played(60, 67, 76)))).toEqual([1, 0, 0, 0, 0.5, 0, 0, 0.5, 0, 0, 0, 0])
    expect(music.chromagram(state([{ pitch: 'x', duration: 1 }, { pitch: 60, duration: -1 }, null as any]))).toBeUndefined()
  })

  test.each([
    ['C major', [60, 62, 64, 65, 67, 69, 71, 60, 64, 67]],
    ['A minor', [57, 59, 60, 62, 64, 65, 67, 57, 60, 64]],
    ['Eb major', [63, 65, 67, 68, 70, 72, 74, 63, 67, 70]]
  ])('%s is heard as such', (name, pitches) => {
    const { key, scale } = music.estimateKey(music.chromagram(state(played(...pitches))))
    expect(`${key} ${scale}`).toBe(name)
  })

  test('memories hold what is known and nothing else', () => {
    const [snapshot, recall, context, ...rest] = music.memoriesOf({ name: 'P', file: 'p.json', state: state(played(60, 64, 67)) })
    expect([snapshot.kind, recall.kind, context.kind, rest]).toEqual(['project_snapshot', 'mixx_recall', 'musical_context', []])
    expect(recall.data).toEqual({ category: 'production', bpm: 96, key: 'C major', plugins: ['Delay', 'Eq', 'sid', 'kicker'] })
    expect(context.data).toMatchObject({ key: 'C', scale: 'major', bpm: 96 })
    expect(snapshot.metadata).toEqual({ project: 'P', bpm: 96, key: 'C major', tracks: 2 })
    const drumsOnly = music.memoriesOf({ name: 'P', file: 'p.json', state: state([], { bpm: undefined, inserts: undefined }) })
    expect(drumsOnly.map((memory: any) => memory.kind)).toEqual(['project_snapshot', 'mixx_recall'])
  })

  test('audio inside a project state is not carried along', () => {
    const json = JSON.stringify({ tracks: [{ id: 'a' }], audioBuffers: { x: { channelData: ['AAAA'] } } })
    expect(project.fromJson(Buffer.from(json), 'flow-project').state).toEqual({ name: 'flow-project', tracks: [{ id: 'a' }], audioBuffers: {} })
  })
})

describe('on the terminal', () => {
  const plain = () => ui.createStyle(false)
  const rows = [['reggae', '12', 'a very long description of it'], ['ですか', '3', 'short']]
  const columns = [{ title: 'name' }, { title: 'n', align: 'right', optional: true }, { title: 'about', shrinks: true }]

  test('a table is aligned, whatever the script', () => {
    expect(ui.renderTable({ columns, rows, total: ['all', '15', ''] }, { width: 80, style: plain() })).toEqual([
      '╭────────┬────┬───────────────────────────────╮',
      '│ name   │  n │ about                         │',
      '├────────┼────┼───────────────────────────────┤',
      '│ reggae │ 12 │ a very long description of it │',
      '│ ですか │  3 │ short                         │',
      '├────────┼────┼───────────────────────────────┤',
      '│ all    │ 15 │                               │',
      '╰────────┴────┴───────────────────────────────╯'
    ])
  })

  test('a narrow one gives up a column, then shortens texts', () => {
    const lines = ui.renderTable({ columns, rows }, { width: 30, style: plain() })
    expect(lines[3]).toBe('│ reggae │ a very long desc… │')
    for (const line of lines) expect(ui.displayWidth(line)).toBeLessThanOrEqual(30)
  })

  test('names cannot move the cursor or change colours', () => {
    const [, , , row] = ui.renderTable({ columns: [{ title: 'x' }], rows: [['a\x1b[2Jb\nc\u202e']] }, { width: 40, style: plain() })
    expect(row).toBe('│ a [2Jb c │')
  })

  test('colours only on a terminal that wants them', () => {
    expect(ui.wantsColour({ isTTY: true }, {})).toBe(true)
    expect(ui.wantsColour({ isTTY: true }, { NO_COLOR: '1' })).toBe(false)
    expect(ui.wantsColour({ isTTY: true }, { TERM: 'dumb' })).toBe(false)
    expect(ui.wantsColour({}, {})).toBe(false)
    expect(ui.createStyle(true).bold('x')).toBe('\x1b[1mx\x1b[22m')
    expect(plain().bold('x')).toBe('x')
  })

  test.each([20, 40, 100])('a progress bar fits %d columns', (width) => {
    const line = ui.progressLine({ label: 'Reading', done: 6.5, total: 10, detail: 'Skiessi-C64 '.repeat(9), width, style: plain() })
    expect(line).toMatch(/^Reading {2}.* {2}6\/10/)
    expect(ui.displayWidth(line)).toBeLessThan(width)
  })

  test('a bar is as long as its share', () => {
    expect(ui.bar(0.5, 4)).toEqual({ full: '██', rest: '░░' })
    expect(ui.bar(0.3, 4)).toEqual({ full: '█▎', rest: '░░' })
    expect(ui.bar(2, 4)).toEqual({ full: '████', rest: '' })
  })

  test('in a pipe: a few plain lines; on a terminal: one line, taken away at the end', () => {
    const watch = (isTTY: boolean) => {
      const written: string[] = []
      const progress = ui.createProgress('Reading', 8, { stream: { isTTY, write: (text: string) => written.push(text) }, width: 60, style: plain() })
      for (let done = 1; done <= 8; done++) progress.update(done)
      progress.end()
      return written
    }
    expect(watch(false)).toEqual(['Reading 2 of 8\n', 'Reading 4 of 8\n', 'Reading 6 of 8\n', 'Reading 8 of 8\n'])
    expect(watch(true).at(-1)).toBe('\r\x1b[K')
  })

  test('numbers as a person reads them', () => {
    expect([0, 999, 1234, 56_789, 1.2e9].map(ui.formatBytes)).toEqual(['0 B', '999 B', '1.23 kB', '56.8 kB', '1.20 GB'])
    expect([0.0421, 3.14159, 250, 1234].map(ui.formatDuration)).toEqual(['42 µs', '3.14 ms', '250 ms', '1.23 s'])
    expect([ui.formatRatio(1000, 16), ui.formatRatio(5, 0), ui.formatScore(null), ui.formatScore(0.456)]).toEqual(['62.5x', '–', '–', '0.46'])
    expect([ui.counted(1, 'project'), ui.counted(1200, 'memory', 'memories')]).toEqual(['1 project', '1\u202f200 memories'])
  })
})
