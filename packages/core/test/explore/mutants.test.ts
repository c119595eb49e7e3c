import { describe, expect, test } from 'vitest'
import { createExplorer, type Exploration, type Explore } from './explore.ts'
import { LAWS } from './laws/all.ts'
import { loadProduct } from './load-product.ts'
import { MUTANTS } from './mutants/all.ts'
import * as real from './product.ts'
import { EXTENSION_PAIRS, EXTENSION_SOLOS } from './scenarios/extensions.ts'
import { CODE_PAIRS, REQUEST_PAIRS } from './scenarios/pairs.ts'
import type { Scene } from './scenarios/scene.ts'
import { SOLOS } from './scenarios/solos.ts'
import { CAP, TRIPLES } from './scenarios/triples.ts'
import { tellStory } from './story.ts'

const PLACES: readonly Scene[] = [
  ...SOLOS,
  ...Object.values(CODE_PAIRS).flat(),
  ...Object.values(REQUEST_PAIRS).flat(),
  ...TRIPLES,
  CAP,
  ...EXTENSION_SOLOS,
  ...Object.values(EXTENSION_PAIRS).flat(),
]

/** The first scene of these in which something is wrong. */
async function firstBroken(
  explore: Explore,
  scenes: readonly Scene[],
): Promise<{ scene: Scene; found: Exploration } | null> {
  for (const scene of scenes) {
    const found = await explore(scene)
    if (found.broken) return { scene, found }
  }
  return null
}

test('there are at least 15 of them, and no two of one name', () => {
  expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length)
  expect(MUTANTS.length).toBeGreaterThanOrEqual(15)
})

describe.each(MUTANTS)('where $name', ({ edits, tamper, among, breaks, faults = 0 }) => {
  test('APP-06 the explorer finds it, and nothing without it', { timeout: 120_000 }, async () => {
    const product = edits ? await loadProduct(edits) : real
    const scenes = among.flatMap((part) => {
      const some = PLACES.filter(({ name }) => name.includes(part))
      expect(some, part).not.toEqual([])
      return some
    })
    const seeded = createExplorer({ product, laws: LAWS, faults, ...(tamper && { tamper }) })
    const broken = await firstBroken(seeded, scenes)
    expect(broken, 'nothing was found').not.toBeNull()
    const { scene, found } = broken!
    expect(found.broken!.law).toContain(breaks)
    expect(tellStory(found)).toMatch(/^.+:\n(?: +\d+\. .+\.\n)+ {2}=> .+\.$/)
    const same = await createExplorer({ product: real, laws: LAWS, faults })(scene)
    expect(tellStory(same)).toBe(`${scene.name}: nothing is wrong`)
  })
})
