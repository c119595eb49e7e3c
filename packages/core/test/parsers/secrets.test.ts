import { describe } from 'vitest'
import { millions } from './millions.ts'
import { secrets } from './tables/secrets.ts'

describe('secrets', () => {
  millions(secrets)
})
