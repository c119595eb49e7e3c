import { fixedRandom } from '@pair/testkit/app'

/** A number from 0 up to `below`, of a seed. */
export function dice(seed: number): (below: number) => number {
  const random = fixedRandom(seed)
  return (below) => {
    const [high = 0, low = 0] = random(2)
    return (high * 256 + low) % below
  }
}
