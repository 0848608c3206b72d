/** The page's type: of Geist what a page needs of Latin, made small, and beside it the letters that few names have. */

import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import subsetFont from 'subset-font'
import type { Plugin } from 'vite'

const PACKAGE = new URL('./node_modules/@fontsource-variable/geist/', import.meta.url)
const MADE = new URL('./node_modules/.geist/', import.meta.url)

/** ASCII, Latin-1, and the quotes, dashes, dots and arrows of our own words: `font.css` names the same. */
const RANGES = [[0x20, 0x7e], [0xa0, 0xff], [0x2013, 0x2014], [0x2018, 0x2019], [0x201c, 0x201d], [0x2026, 0x2026], [0x2191, 0x2193], [0x2212, 0x2212]] as const

const TRIMMED = {
  targetFormat: 'woff2',
  variationAxes: { wght: { min: 400, max: 600 } },
  keepFeatures: ['kern', 'tnum', 'ccmp'],
  noHinting: true,
} as const

/** Makes the font before it is asked for, as `@geist/…`, and puts its licence beside the page. */
export function geist(): Plugin {
  return {
    name: 'geist',
    async config() {
      await trim()
      return { resolve: { alias: { '@geist': fileURLToPath(MADE) } } }
    },
    transformIndexHtml: {
      order: 'post',
      handler: (_, { bundle }) =>
        Object.keys(bundle ?? {})
          .filter((name) => name.includes('geist-latin-') && !name.includes('ext'))
          .map((name) => ({
            tag: 'link',
            attrs: { rel: 'preload', href: `/${name}`, as: 'font', type: 'font/woff2', crossorigin: true },
            injectTo: 'head' as const,
          })),
    },
    async generateBundle() {
      const source = await readFile(new URL('LICENSE', PACKAGE))
      this.emitFile({ type: 'asset', fileName: 'geist-licence.txt', source })
    },
  }
}

async function trim(): Promise<void> {
  const whole = await readFile(new URL('files/geist-latin-wght-normal.woff2', PACKAGE))
  const text = RANGES.map(([first, last]) => String.fromCodePoint(...span(first, last))).join('')
  await mkdir(MADE, { recursive: true })
  await put('geist-latin.woff2', await subsetFont(whole, text, TRIMMED))
  await put('geist-latin-ext.woff2', await readFile(new URL('files/geist-latin-ext-wght-normal.woff2', PACKAGE)))
}

/** Have that be the font of that name at once: the page may be built while its tests begin, and would have half a font. */
async function put(name: string, font: Uint8Array): Promise<void> {
  const part = new URL(`${name}.${process.pid}`, MADE)
  await writeFile(part, font)
  await rename(part, new URL(name, MADE))
}

function span(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}
