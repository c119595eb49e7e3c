import { describe } from 'vitest'
import { storeOf } from '../kit/stores.ts'
import { describeJumps, describeRest } from './describe-jumps.ts'

describe('Redis', () => {
  describeJumps(storeOf('Redis'), 'behind')
  describeJumps(storeOf('Redis'), 'ahead')
  describeJumps(storeOf('Redis'), 'nowhere')
  describeRest(storeOf('Redis'))
})
