import { describe } from 'vitest'
import { describeJumps, describeRest } from './describe-jumps.ts'

describe('memory', () => {
  describeJumps('memory', 'behind')
  describeJumps('memory', 'ahead')
  describeJumps('memory', 'nowhere')
  describeRest('memory')
})
