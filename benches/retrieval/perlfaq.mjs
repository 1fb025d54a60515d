// perlfaq1-9: questions about Perl (query) and their answers (passage), from Debian's `perl-doc`.

import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** @type {import('./fetch.mjs').Source} */
export const perlfaq = { name: 'perlfaq', debianPackage: 'perl-doc', count: 301, pairs }

function pairs(root) {
  const pod = podFolder(root)
  return readdirSync(pod)
    .filter((file) => /^perlfaq[1-9]\.pod$/.test(file))
    .sort()
    .flatMap((file) => pairsOfPod(readFileSync(join(pod, file), 'utf8')))
}

function podFolder(root) {
  const perl = join(root, 'usr/share/perl')
  const version = readdirSync(perl).find((name) => /^\d/.test(name))
  return join(perl, version ?? '', 'pod')
}

/** `=head2` opens a question; its answer runs to the next heading of either level. */
function pairsOfPod(source) {
  return source
    .split(/^(?==head[12] )/m)
    .filter((section) => section.startsWith('=head2 '))
    .map(pairOfSection)
}

function pairOfSection(section) {
  const end = section.indexOf('\n\n')
  const heading = end < 0 ? section : section.slice(0, end)
  const body = end < 0 ? '' : section.slice(end)
  return { query: plain(heading.slice('=head2 '.length)), passage: plain(body) }
}

/** POD as a reader sees it: commands and formatting codes gone, code and list items kept. */
function plain(pod) {
  return unescaped(withoutCodes(withoutCommands(pod)))
    .replace(/\s+/g, ' ')
    .trim()
}

function withoutCommands(pod) {
  return pod
    .replace(/^=(begin|for) [\s\S]*?(?=\n\n|$)/gm, '')
    .replace(/^=item (\*|\d+\.?)?/gm, '')
    .replace(/^=\w+.*$/gm, '')
}

/** `C<code>`, `C<< a->b >>`, `L<text|target>` and the like, innermost first. */
function withoutCodes(pod) {
  const code = /([BCFILSXZ])(?:<<+\s+([\s\S]*?)\s+>>+|<((?:[^<>]|E<\w+>)*)>)/g
  const inner = (_, letter, spaced, tight) => textOfCode(letter, spaced ?? tight)
  const once = pod.replace(code, inner)
  return once === pod ? pod : withoutCodes(once)
}

function textOfCode(letter, text) {
  if (letter === 'X' || letter === 'Z') return ''
  return letter === 'L' ? text.split('|')[0] : text
}

function unescaped(pod) {
  return pod.replace(/E<(\w+)>/g, (whole, name) => ({ lt: '<', gt: '>', verbar: '|', sol: '/' })[name] ?? whole)
}
