/** Effect chains: a track's own, and those of the mixer channel it is sent to. */
import { find, findAll, number, walk } from './xml.mjs'

/** @typedef {import('./xml.mjs').Element} Element */
/** @typedef {{ name: string, isOn: boolean }} Effect */

/** Effects that only host a plugin; the plugin's name is what a musician knows. */
const HOSTS = new Set(['ladspaeffect', 'vsteffect', 'lv2effect'])

/** Mixer channels by number (called FX channels before LMMS 1.3); 0 is the master. @param {Element} root */
export function mixerChannels(root) {
  /** @type {Map<number, Element>} */ const channels = new Map()
  for (const name of ['fxchannel', 'mixerchannel']) {
    for (const channel of walk(root, name)) {
      if (channel.attributes.num !== undefined) channels.set(Math.trunc(number(channel, 'num')), channel)
    }
  }
  return channels
}

/**
 * Everything a track's sound passes through, in order, except the master channel.
 *
 * @param {Element | undefined} inner the `<instrumenttrack>` or `<sampletrack>`
 * @param {Map<number, Element>} channels
 */
export function trackEffects(inner, channels) {
  const sentTo = Math.trunc(number(inner, 'fxch') || number(inner, 'mixch'))
  return [...effectsOf(inner), ...(sentTo === 0 ? [] : effectsOf(channels.get(sentTo)))]
}

/** @param {Element | undefined} owner of an `<fxchain>` @returns {Effect[]} */
export function effectsOf(owner) {
  return findAll(find(owner, 'fxchain'), 'effect').map((effect) => ({ name: effectName(effect), isOn: number(effect, 'on', 1) !== 0 }))
}

/** @param {Element} effect */
function effectName(effect) {
  const name = effect.attributes.name || '?'
  if (!HOSTS.has(name)) return name
  const { plugin, file, uri } = pluginKey(effect)
  return plugin || file?.replace(/\.[^.]*$/, '') || uri || name
}

/** What the host was told to load, paths cut to their last part. @param {Element} effect @returns {Record<string, string>} */
function pluginKey(effect) {
  const attributes = [...walk(effect, 'attribute')].map(({ attributes: { name, value } }) => [name, fileName(value ?? '')])
  return Object.fromEntries(attributes)
}

/** @param {string} path with slashes of either kind */
export function fileName(path) {
  return path.replaceAll('\\', '/').split('/').at(-1) ?? ''
}
