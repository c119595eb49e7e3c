import { describe } from 'vitest'
import { millions } from './millions.ts'
import { headers } from './tables/headers.ts'

describe('headers', () => {
  millions(headers)
})
