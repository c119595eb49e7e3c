import type { Position } from '@pair/core'

/** Places in streams as the port knows them. */
export interface Positions {
  toPosition(place: number): Position
  toPlace(position: Position | null): number
}

/**
 * Positions of tables that were made anew come behind those of the old ones, so that an old cursor shows as old. `birth` begins
 * with the time at which they were made.
 */
export function createPositions(birth: string): Positions {
  const life = `${birth}-`
  return {
    toPosition: (place) => life + place.toString(36).padStart(11, '0'),
    toPlace(position) {
      if (position === null) return 0
      if (!position.startsWith(life)) return position < life ? 0 : Number.MAX_SAFE_INTEGER
      const place = Number.parseInt(position.slice(life.length), 36)
      return Number.isSafeInteger(place) ? place : 0
    },
  }
}
