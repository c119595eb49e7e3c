import { expect, test } from 'vitest'
import { race } from '../kit/races.ts'
import { ORIGIN, startServer } from '../kit/server.ts'
import { STORES } from '../kit/stores.ts'

const CROWD = 100
const CAP = 20

test.each(STORES)(
  'CODE-14 100 codes that one process issues at once are all issued, and all but the newest ones announced as ended ($name)',
  async ({ open }) => {
    const { pair } = startServer({ store: open() })
    const issued = await race(() => pair.codes.issue({ origin: ORIGIN }), CROWD)
    expect(new Set(issued.map(({ code }) => code.id)).size).toBe(CROWD)
    expect((await pair.codes.list({ limit: 1_000 })).items).toHaveLength(CAP)
    const { items } = await pair.audit.read({ limit: 1_000 })
    const count = (type: string): number => items.filter((event) => event.type === type).length
    expect([count('code.issued'), count('code.evicted')]).toEqual([CROWD, CROWD - CAP])
  },
  60_000,
)
