// A server process by itself: opens the place, redeems what it is sent, and tells what came of each.
import { createPair } from '@pair/core'
import { addressOf, OPTIONS, ORIGIN, SECRET } from './options.ts'
import { openPlace, type Place } from './place.ts'
import type { Order, Outcome, Told } from './processes.ts'

const place = JSON.parse(process.argv[2]!) as Place
const { store } = openPlace(place)
const pair = createPair<string>({ ...OPTIONS, secret: SECRET, store })
let attempts = 0

const tell = (told: Told | 'ready'): void => void process.send?.(told)

async function redeem(code: string): Promise<Outcome> {
  const body = JSON.stringify({ code, transport: 'bearer' })
  const request = new Request(`${ORIGIN}/auth/redeem`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json' },
  })
  const info = { remoteAddress: addressOf(process.pid, attempts++) }
  const answer = await pair.handler(request, info)
  const { code: problem, session } = (await answer!.json()) as {
    code?: string
    session?: { id: string }
  }
  return { code, status: answer!.status, problem: problem ?? null, sessionId: session?.id ?? null }
}

/** Until the store could say yes or no. */
async function redeemForSure(code: string): Promise<void> {
  for (;;) {
    const outcome = await redeem(code)
    tell({ outcome })
    if (outcome.status !== 503) return
  }
}

process.on('message', ({ codes, inFlight }: Order) => {
  const waiting = [...codes]
  const lanes = Array.from({ length: inFlight }, async () => {
    for (let code = waiting.shift(); code !== undefined; code = waiting.shift())
      await redeemForSure(code)
  })
  void Promise.all(lanes).then(() => tell({ done: true }))
})
process.on('disconnect', () => process.exit(0))
tell('ready')
