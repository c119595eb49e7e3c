import { STAGES } from '../town.ts'
import { CODE_DEEDS, HELD_DEEDS, REQUEST_DEEDS } from './deeds-of.ts'
import { approval, codes, held, scene, type Scene } from './scene.ts'

/** One alone, with all that can go wrong for him. */
export const SOLOS: readonly Scene[] = [
  ...CODE_DEEDS.map((deed) => scene(codes, [deed])),
  ...STAGES.flatMap((stage) => REQUEST_DEEDS.map((deed) => scene(approval(stage), [deed]))),
  ...STAGES.slice(0, 3).flatMap((stage) => HELD_DEEDS.map((deed) => scene(held(stage), [deed]))),
]
