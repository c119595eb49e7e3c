import { describe } from 'vitest'
import { millions } from './millions.ts'
import { stored } from './tables/stored.ts'

// by itself, beside the others: it takes the longest
describe('records', () => {
  millions(stored.filter(({ name }) => name === 'decodeRecord'))
})
