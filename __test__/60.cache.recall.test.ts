import { afterEach, describe, expect, test } from '@jest/globals'
import { cleanUp, openNew } from './support/studio'

afterEach(cleanUp)

type Facts = { [name: string]: unknown }
const BPM: [Facts, Facts] = [{ typicalBPM: 128 }, { typicalBPM: 90 }]
const GENRE: [Facts, Facts] = [{ preferredGenres: ['Trap'] }, { preferredGenres: ['House'] }]
const LUFS: [Facts, Facts] = [{ preferredMixLevel: -14 }, { preferredMixLevel: -9 }]
const PLUGINS: [Facts, Facts] = [{ favoritePlugins: ['Serum'] }, { favoritePlugins: ['Vital'] }]

/** Whether an answer is served, by an equal request and by one in other letters, once the facts are others. */
async function served([before, after]: [Facts, Facts], prompt: string, answer: string): Promise<boolean[]> {
  const { cache } = await openNew()
  await cache.set({ prompt, recall: before }, answer)
  const asked = [prompt, prompt.toLowerCase()].map((one) => ({ prompt: one, recall: after }))
  return Promise.all(asked.map(async (request) => (await cache.get(request)) !== null))
}

describe('an answer given when the user had other habits', () => {
  test.each<[string, [Facts, Facts], string, string]>([
    ['names the number in words', BPM, 'How long is the delay?', 'At one hundred twenty eight beats per minute it is 469 ms.'],
    ['says "your target"', LUFS, 'How loud should it be?', 'Hit your target and stop.'],
    ['says "your genre"', GENRE, 'Which drums go with it?', 'For your genre, use triplet hats.'],
    ['says "the way you like it"', PLUGINS, 'Which synth suits a pad?', 'Two saws, the way you like it.'],
    ['was asked for the usual', PLUGINS, 'Start the usual vocal chain', 'Comp, then EQ.'],
    ['was asked for what the user likes', PLUGINS, 'Set it up the way I like it', 'Two saws, detuned.'],
    ['was asked for what the user does', GENRE, 'Program the drums as I always do', 'Triplet hats.'],
  ])('is not served when it %s', async (_, facts, prompt, answer) => {
    expect(await served(facts, prompt, answer)).toEqual([false, false])
  })

  test.each<[string, [Facts, Facts], string, string]>([
    ['speaks of what is at hand', PLUGINS, 'How do I make the low end tighter?', 'Turn your track down and filter your synth.'],
    ['speaks of what is usual for everybody', PLUGINS, 'How do I make the low end tighter?', 'You normally cut 300 Hz; as usual, trust your ears.'],
    ['points at a habit that is as it was', PLUGINS, 'How do I make the low end tighter?', 'Set the delay to your usual tempo.'],
  ])('is served when it %s', async (_, facts, prompt, answer) => {
    expect(await served(facts, prompt, answer)).toEqual([true, true])
  })
})
