import { defineConfig, type Options } from 'tsup'

const common: Options = {
  dts: true,
  sourcemap: true,
  target: 'es2022',
  splitting: false,
  removeNodeProtocol: false, // or import('node:fs') becomes import('fs')
}

export default defineConfig([
  // vitest can't be required
  { ...common, entry: ['src/index.ts'], format: ['esm'] },
  {
    ...common,
    entry: { torture: 'src/torture.ts', 'torture-process': 'src/torture/process.ts' },
    format: ['esm'],
  },
  { ...common, entry: ['src/app.ts', 'src/store.ts'], format: ['esm', 'cjs'] },
])
