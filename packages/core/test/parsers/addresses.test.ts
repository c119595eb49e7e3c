import { describe } from 'vitest'
import { millions } from './millions.ts'
import { addresses } from './tables/addresses.ts'

describe('where a request comes from', () => {
  millions(addresses)
})
