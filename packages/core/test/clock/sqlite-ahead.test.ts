import { describe } from 'vitest'
import { describeJumps } from './describe-jumps.ts'

describe('SQLite', () => {
  describeJumps('SQLite', 'ahead')
})
