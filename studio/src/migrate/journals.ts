// Where the journals of a store lie: beside it, one for each scope.
import type { Scope } from '@mixxclub/prime-memory'
import { crypto, fileSystem, paths } from '../store/node.js'
import { Journal } from './journal.js'

const AFTER_THE_STORE = '.migration'

export function journalPath(store: string, { user, project }: Scope): string {
  const isNobodys = user === undefined && project === undefined
  const whose = isNobodys ? '' : `-${crypto().createHash('sha256').update(JSON.stringify([user, project])).digest('hex').slice(0, 12)}`
  return store + AFTER_THE_STORE + whose
}

/** The scopes, besides this one, that something was migrated into. */
export function otherScopes(store: string, scope: Scope): Scope[] {
  const folder = paths().dirname(store)
  if (!fileSystem().existsSync(folder)) return []
  const begin = paths().basename(store) + AFTER_THE_STORE
  const names = fileSystem().readdirSync(folder, { withFileTypes: true }).map(({ name }) => name).sort()
  const journals = names.filter((name) => name.startsWith(begin) && /^(-[0-9a-f]{12})?$/.test(name.slice(begin.length)))
  const own = paths().basename(journalPath(store, scope))
  return journals.filter((name) => name !== own).flatMap((name) => scopeIn(paths().join(folder, name)))
}

/** None where it cannot be read: that is said when its turn comes. */
function scopeIn(journal: string): Scope[] {
  try {
    const found = Journal.read(journal)
    return found ? [found.scope] : []
  } catch {
    return []
  }
}
