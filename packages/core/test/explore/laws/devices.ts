import type { Change, Law } from '../law.ts'
import { changedIn } from '../facts.ts'
import { userCodeOf } from '../instance.ts'

/** Whoever lets a device in has read the code off it. */
export const typedLaw: Law = {
  name: 'a device is let in by who typed the code that it shows',
  change({ before, after, by, parts }: Change): string | null {
    for (const { id, was, is } of changedIn(before, after, 'approval')) {
      const shows = was.deviceGrant as { userCode: string } | undefined
      if (!shows || was.state !== 'pending' || is.state !== 'approved') continue
      const { name, node } = parts[by]!
      const typed = node.notes.typed as string | undefined
      if (typed === undefined) return `${id} was approved by ${name}, who typed no code`
      if (userCodeOf(typed) !== shows.userCode)
        return `${id} was approved by ${name}, who typed a code that it shows no more`
    }
    return null
  },
}
