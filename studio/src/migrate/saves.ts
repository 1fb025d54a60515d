// Saves under a name in `localStorage`. A key holds one at a time and no date, so what it held at the last look tells
// whether it was saved since.
import type { FoundState } from './states.js'

/** SHA-256 of what the keys of each project hold: one, but with dumps of several installations. */
export type Saves = Map<string, Set<string>>

export function savesIn(states: FoundState[], projects: string[]): Saves {
  const saves: Saves = new Map()
  states.forEach(({ family, sha256 }, i) => {
    if (family === 'projects') saves.set(projects[i]!, new Set([...(saves.get(projects[i]!) ?? []), sha256]))
  })
  return saves
}

/** Projects whose key holds something else than at the last look: it is their newest save, also where it was kept before. */
export function savedAgain(now: Saves, before: Saves | undefined): Set<string> {
  const isAnother = ([project, [first, ...others]]: [string, Set<string>]) =>
    others.length === 0 && before?.has(project) === true && !before.get(project)!.has(first!)
  return new Set([...now].filter(isAnother).map(([project]) => project))
}
