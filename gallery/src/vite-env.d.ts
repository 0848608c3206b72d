/// <reference types="svelte" />
/// <reference types="vite/client" />

declare module 'subset-font' {
  interface Wanted {
    targetFormat: 'woff2'
    variationAxes: Record<string, { min: number; max: number }>
    keepFeatures: readonly string[]
    noHinting: boolean
  }
  export default function subsetFont(font: Uint8Array, text: string, wanted: Wanted): Promise<Uint8Array>
}
