import { describe } from 'vitest'
import { storeOf } from '../kit/stores.ts'
import { describeJumps, describeRest } from './describe-jumps.ts'

describe('the memory store', () => {
  describeJumps(storeOf('the memory store'), 'behind')
  describeJumps(storeOf('the memory store'), 'ahead')
  describeJumps(storeOf('the memory store'), 'nowhere')
  describeRest(storeOf('the memory store'))
})
