import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'
import { geist } from './font.ts'

/** The page for guests: one script that is no module, so that it also plays from a folder, without a server. */
export default defineConfig({
  plugins: [svelte(), geist()],
  base: './',
  publicDir: 'src/guest/public',
  build: {
    outDir: '../daemon/page/shared',
    emptyOutDir: true,
    target: ['chrome123', 'firefox120', 'safari17.5'],
    assetsInlineLimit: 0,
    cssCodeSplit: false,
    modulePreload: false,
    rolldownOptions: {
      input: 'src/guest/main.ts',
      output: { format: 'iife', name: 'takes', entryFileNames: 'guest.js', assetFileNames: ({ names }) => (names[0]?.endsWith('.css') ? 'guest.css' : '[name][extname]') },
    },
  },
})
