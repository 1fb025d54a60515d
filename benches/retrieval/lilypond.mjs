// LilyPond's snippets: titles of notation recipes (query), their explanation and code (passage), from
// Debian's `lilypond-doc-html`.

import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const CHAPTERS = 'usr/share/doc/lilypond/html/Documentation/snippets'

/** @type {import('./fetch.mjs').Source} */
export const lilypond = { name: 'lilypond', debianPackage: 'lilypond-doc-html', count: 347, pairs }

/** A snippet is printed in every chapter it belongs to: the first one counts. */
function pairs(root) {
  const byTitle = new Map()
  for (const pair of chapters(root).flatMap(pairsOfChapter)) {
    if (!byTitle.has(pair.query)) byTitle.set(pair.query, pair)
  }
  return [...byTitle.values()]
}

function chapters(root) {
  const folder = join(root, CHAPTERS)
  return readdirSync(folder)
    .filter((file) => file.endsWith('.html') && !file.startsWith('index'))
    .sort()
    .map((file) => readFileSync(join(folder, file), 'utf8'))
}

/** `<h2>` holds the title; explanation and code follow it, up to the rule that closes the snippet. */
function pairsOfChapter(html) {
  return html
    .split('<h2 class="unnumberedsec">')
    .slice(1)
    .map((section) => {
      const [title, rest = ''] = section.split('</h2>', 2)
      return { query: plain(title), passage: plain(rest.split(/<hr|<table class="nav_table"/, 1)[0]) }
    })
}

function plain(html) {
  return unescaped(html.replace(/<[^>]*>/g, ''))
    .replace(/\s+/g, ' ')
    .trim()
}

const NAMED = {
  amp: '&', lt: '<', gt: '>', quot: '"', nbsp: ' ', ndash: '–', mdash: '—', hellip: '…', bull: '•', copy: '©',
  lsquo: '‘', rsquo: '’', ldquo: '“', rdquo: '”', minus: '−', rarr: '→',
}

function unescaped(html) {
  return html.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (whole, decimal, hex, name) => {
    if (name) return NAMED[name] ?? whole
    return String.fromCodePoint(decimal ? Number(decimal) : Number.parseInt(hex, 16))
  })
}
