import { defineConfig } from 'tsup'

export default defineConfig({
  entry: {
    pair: 'web/pair.ts',
    notes: 'web/notes.ts',
    devices: 'web/devices.ts',
    device: 'web/device.ts',
  },
  outDir: 'public/assets',
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
  clean: true,
  minify: true,
  noExternal: [/./],
  // from the sources of the client, so that a page is never older than its server
  esbuildOptions: (options) => {
    options.conditions = ['@pair/source']
  },
})
