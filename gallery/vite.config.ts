import { svelte } from '@sveltejs/vite-plugin-svelte'
import { svelteTesting } from '@testing-library/svelte/vite'
import type { ProxyOptions } from 'vite'
import { defineConfig } from 'vitest/config'
import { geist } from './font.ts'

/** Headers that the Unix socket refuses, since only a browser sends them. */
const BROWSER_HEADERS = ['origin', 'referer', 'sec-fetch-site', 'sec-fetch-mode', 'sec-fetch-dest', 'sec-fetch-user']

/** For `npm run dev`: the API of the daemon that listens at the socket in TAKES_SOCKET. */
function daemonAt(socketPath: string): ProxyOptions {
  return {
    target: { socketPath, host: 'localhost', port: 80 },
    configure: (proxy) => {
      proxy.on('proxyReq', (request) => BROWSER_HEADERS.forEach((name) => request.removeHeader(name)))
    },
  }
}

const socket = process.env['TAKES_SOCKET']

export default defineConfig({
  plugins: [svelte(), svelteTesting(), geist()],
  base: '/',
  build: {
    outDir: '../daemon/page',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    // Styles that come later and cannot be had are an error of Vite's loader that nobody can catch: 4 kB more at once.
    cssCodeSplit: false,
    modulePreload: { polyfill: false },
    target: ['chrome123', 'firefox120', 'safari17.5'],
  },
  server: socket ? { proxy: { '/api': daemonAt(socket) } } : {},
  test: {
    environment: 'happy-dom',
    include: ['src/**/*.test.ts'],
    setupFiles: ['src/tests/setup.ts'],
    restoreMocks: true,
    testTimeout: 15_000,
  },
})
