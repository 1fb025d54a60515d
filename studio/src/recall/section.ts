// The part of a prompt that tells what is known of the user, written and read back. Read back, because the Studio's own
// callers hand over prompts that already hold it, and a new favourite must not make another request of an old one.
import { found } from '../llm/options.js'
import { warnOnce } from '../store/session.js'
import { isRecord } from '../store/web-storage.js'
import type { MixxRecallData, PresetName, ToldFacts } from './data.js'
import { isNumber, oneLine } from './sources.js'

const HEADING = '\n\nUser Context (Mixx Recall):\n'
const CLOSING = '\n\nConsider these preferences when providing recommendations.'
const MOST_PRESETS = 5

/** One line per fact: what stands before and after its values. The Studio's wording, in the Studio's order. */
const LINES: { fact: keyof ToldFacts; before: string; after: string }[] = [
  { fact: 'preferredGenres', before: "User's preferred genres: ", after: '' },
  { fact: 'typicalBPM', before: 'User typically works at ', after: ' BPM' },
  { fact: 'commonKeys', before: 'User commonly works in keys: ', after: '' },
  { fact: 'favoritePlugins', before: "User's favorite plugins: ", after: '' },
  { fact: 'commonPresets', before: 'User frequently uses presets: ', after: '' },
  { fact: 'preferredMixLevel', before: 'User typically targets ', after: ' LUFS' },
]

/**
 * What of the data the assistant is told, names on one line. A number that is none (the level of silence is -Infinity) says
 * nothing; what is no name takes nothing else with it.
 */
export function toldFacts(data: MixxRecallData): ToldFacts {
  const { preferredGenres, typicalBPM, commonKeys, favoritePlugins, commonPresets, preferredMixLevel } = data
  return {
    ...listed('preferredGenres', names('preferredGenres', preferredGenres)),
    ...listed('typicalBPM', typicalBPM && Number.isFinite(Number(typicalBPM)) ? [String(typicalBPM)] : []),
    ...listed('commonKeys', names('commonKeys', commonKeys)),
    ...listed('favoritePlugins', names('favoritePlugins', favoritePlugins)),
    ...listed('commonPresets', presetNames(commonPresets).slice(0, MOST_PRESETS)),
    ...listed('preferredMixLevel', isNumber(preferredMixLevel) ? [preferredMixLevel.toFixed(1)] : []),
  }
}

const names = (field: string, given: unknown): string[] => each(field, given, nameOf)

const presetNames = (given: unknown): PresetName[] => each('commonPresets', given, (preset) => {
  const [name, plugin] = isRecord(preset) ? [nameOf(preset.name), nameOf(preset.plugin)] : []
  return name && plugin ? { name, plugin } : null
})

const nameOf = (value: unknown): string | null => (typeof value === 'string' ? oneLine(value) || null : null)

/** What of a list is what it should be; the rest is left out, with one warning for each field. */
function each<T>(field: string, given: unknown, read: (value: unknown) => T | null): T[] {
  if (given == null) return []
  const all = Array.isArray(given) ? given.map(read) : [null]
  const good = all.filter((value) => value !== null)
  if (good.length < all.length) warnOnce(`told ${field}`, `${field}: found ${found(given)} where a list of names should be; what is no name is left out`)
  return good
}

const listed = <K extends keyof ToldFacts>(fact: K, values: ToldFacts[K]): ToldFacts => (values?.length ? { [fact]: values } : {})

/** The values of a fact as they stand in the prompt. */
export const toldTexts = (facts: ToldFacts, fact: keyof ToldFacts): string[] => (facts[fact] ?? []).map(toldText)

const toldText = (value: string | PresetName): string => (typeof value === 'string' ? value : `${value.name} (${value.plugin})`)

/** The facts as the text that follows a prompt; empty when nothing is known. */
export function recallSection(facts: ToldFacts): string {
  const lines = LINES.flatMap(({ fact, before, after }) => facts[fact] ? [`${before}${toldTexts(facts, fact).join(', ')}${after}`] : [])
  return lines.length === 0 ? '' : `${HEADING}${lines.join('\n')}${CLOSING}`
}

/** A prompt without its recall section, and what the section told; null when it has none. */
export function splitRecallSection(prompt: string): { prompt: string; recall: ToldFacts | null } {
  const begin = prompt.indexOf(HEADING)
  const end = begin < 0 ? -1 : prompt.indexOf(CLOSING, begin)
  if (end < 0) return { prompt, recall: null }
  const recall: ToldFacts = {}
  for (const line of prompt.slice(begin + HEADING.length, end).split('\n')) {
    const found = LINES.find(({ before, after }) => line.startsWith(before) && line.endsWith(after))
    // A line that is not ours is part of the question: nothing of it may be lost.
    if (!found) return { prompt, recall: null }
    const values = line.slice(found.before.length, line.length - found.after.length)
    if (found.fact === 'commonPresets') recall.commonPresets = presetsIn(values)
    else recall[found.fact] = values.split(', ')
  }
  return { prompt: prompt.slice(0, begin) + prompt.slice(end + CLOSING.length), recall }
}

/** `name (plugin), …`; a name may hold commas and brackets, a plugin's id ends with the bracket before a comma or the end. */
const presetsIn = (line: string): PresetName[] => line.split(/(?<=\)), /).map((text) => {
  const [, name = text, plugin = 'unknown'] = /^(.*) \((.*?)\)$/.exec(text) ?? []
  return { name, plugin }
})
