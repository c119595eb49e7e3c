import { describe } from 'vitest'
import { millions } from './millions.ts'
import { texts } from './tables/texts.ts'

describe('a text by itself', () => {
  millions(texts)
})
