import { describe } from 'vitest'
import { describeJumps, describeRest } from './describe-jumps.ts'

describe('SQLite', () => {
  describeJumps('SQLite', 'nowhere')
  describeRest('SQLite')
})
