import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'
import { geist } from './font.ts'

/** The page of all states of the components, for eyes: it is built on request, and is no part of what is installed. */
export default defineConfig({
  plugins: [svelte(), geist()],
  publicDir: 'src/stories/public',
  build: {
    outDir: '../build/stories',
    emptyOutDir: true,
    target: ['chrome123', 'firefox120', 'safari17.5'],
    lib: { entry: 'src/stories/main.ts', formats: ['iife'], name: 'stories', fileName: () => 'stories.js', cssFileName: 'stories' },
  },
})
