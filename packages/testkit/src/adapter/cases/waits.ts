import { strictEqual } from 'node:assert/strict'
import { memoryStore } from '@pair/core'
import type { AdapterCase, Start } from '../adapter-case.ts'
import { digestOf, wait, type Applicant } from '../applicant.ts'
import { json, problem, type Expected } from '../expected.ts'
import { pending } from '../settled-approval.ts'
import { authorized } from '../settled.ts'
import type { Site } from '../site.ts'

const of = { transport: 'dpop', scopes: ['notes:read', 'notes:write'] } as const

interface Waiting {
  site: Site
  who: Applicant
  /** As whoever decides sees it. */
  digest: string
  /** Claims with `waitSeconds`; comes back when the server waits. `answered`: as pinned. */
  claim(expected: Expected | null): Promise<{ answered: Promise<unknown>; hangUp(): void }>
}

/** Lets requests go by, one after another: what was sent or cut before them has come in by then. */
async function passBy(site: Site, until: () => boolean, atLeast = 10): Promise<void> {
  for (let n = 0; n < atLeast || !until(); n++) await site.send({ path: '/auth/health' })
}

/** A server, and a request that waits for its decision. */
async function startWaiting(start: Start): Promise<Waiting> {
  const real = memoryStore()
  let looks = 0
  const read: typeof real.read = (key) => {
    if (key[1] === 'approval') looks++
    return real.read(key)
  }
  const options = { admission: 'approval', store: { ...real, read } } as const
  const site = await start({ options })
  const who = await wait(site, of)
  return {
    site,
    who,
    digest: await digestOf(site, who),
    async claim(expected) {
      const controller = new AbortController()
      const call = { ...(await who.call('claim', { waitSeconds: 25 })), hangUp: controller.signal }
      const before = looks
      // nothing is told of an answer that nobody waits for
      const answered = expected ? site.ask(call, expected) : site.send(call).catch(() => {})
      answered.catch(() => {}) // whoever awaits it hears of it
      // once to learn its key, and once more when it waits
      await passBy(site, () => looks >= before + 2)
      return { answered, hangUp: () => controller.abort() }
    },
  }
}

/** Waiting for a decision over the network. */
export const waitCases: readonly AdapterCase[] = [
  {
    name: 'APP-11 who waits for a decision is answered by it',
    async holds(start) {
      const approved = await startWaiting(start)
      const one = await approved.claim(json(200, authorized(of)))
      await approved.site.pair.approvals.approve(approved.who.id, { digest: approved.digest })
      await one.answered
      const rejected = await startWaiting(start)
      const two = await rejected.claim(problem(403, 'approval_rejected'))
      await rejected.site.pair.approvals.reject(rejected.who.id, { digest: rejected.digest })
      await two.answered
    },
  },
  {
    name: 'APP-11 one waits for a claim: who comes later takes the place of the one before, who is answered at once',
    async holds(start) {
      const { site, who, digest, claim } = await startWaiting(start)
      const first = await claim(json(202, pending(of)))
      const second = await claim(json(200, authorized(of)))
      // whoever still waited would be told of it too
      await site.pair.approvals.approve(who.id, { digest })
      await first.answered
      await second.answered
    },
  },
  {
    name: 'APP-11 who hangs up while it waits waits no more: what is approved then is there when it comes again',
    async holds(start) {
      const { site, who, digest, claim } = await startWaiting(start)
      for (let n = 0; n < 3; n++) {
        const { answered, hangUp } = await claim(null)
        hangUp()
        await answered
      }
      await passBy(site, () => true)
      await site.pair.approvals.approve(who.id, { digest })
      await passBy(site, () => true)
      await site.ask(await who.call('claim'), json(200, authorized(of)))
    },
  },
  {
    name: 'APP-11 who waits is let go when the server closes',
    async holds(start) {
      const { site, claim } = await startWaiting(start)
      const { answered } = await claim(json(202, pending(of, 0)))
      let isOver = false
      void answered.then(() => (isOver = true))
      await site.pair.close()
      await passBy(site, () => true, 50)
      strictEqual(isOver, true) // long before its time
      await answered
    },
  },
]
