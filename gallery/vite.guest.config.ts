import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'

/** The page for guests: one script that is no module, so that it also plays from a folder, without a server. */
export default defineConfig({
  plugins: [svelte()],
  publicDir: 'src/guest/public',
  build: {
    outDir: '../daemon/page/shared',
    emptyOutDir: true,
    target: ['chrome123', 'firefox120', 'safari17.5'],
    lib: { entry: 'src/guest/main.ts', formats: ['iife'], name: 'takes', fileName: () => 'guest.js', cssFileName: 'guest' },
  },
})
